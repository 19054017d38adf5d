import { assertEquals } from "@std/assert";
import { socketStatus } from "../../../../src/commands/run/socket_status.ts";
import type { Config } from "../../../../src/config/config.ts";
import type { SocketOrigin } from "../../../../src/handover/socket_origin.ts";
import { foreignFunctions } from "../../../helpers/handover.ts";
import { needs } from "../../../helpers/skip.ts";

const PORTS = [8080, 8081].map((listen) => ({ listen })) as unknown as Config["ports"];
const NOWHERE = { ports: PORTS, handover: null };

function facts(origin: SocketOrigin, { isOn = false, problem = null as string | null } = {}) {
  const activated = origin === "systemd_socket";
  return { origins: [origin, origin], activated, kept: { isOn, problem } };
}

Deno.test("sockets that were simply opened are closed at the end", () => {
  assertEquals(socketStatus(NOWHERE, null), {
    from: ["bound", "bound"],
    passedBy: [],
    problem: null,
  });
});

for (
  const [origin, isOn, passedBy] of [
    ["systemd_socket", false, ["systemd_socket"]],
    // What a .socket unit holds does not have to be kept.
    ["systemd_socket", true, ["systemd_socket"]],
    ["server_starter", false, ["server_starter"]],
    ["bound", true, ["store"]],
    ["store", true, ["store"]],
    ["children", false, []],
  ] as const
) {
  Deno.test(`sockets from ${origin}${isOn ? ", with a store," : ""} are passed on by: ${passedBy}`, () => {
    const status = socketStatus(NOWHERE, facts(origin, { isOn }));
    assertEquals(status, { from: [origin, origin], passedBy: [...passedBy], problem: null });
  });
}

Deno.test("a store that does not take them is a problem", () => {
  const { passedBy, problem } = socketStatus(
    NOWHERE,
    facts("bound", { isOn: true, problem: "it hangs" }),
  );
  assertEquals([passedBy, problem], [[], "it hangs"]);
});

Deno.test({
  name: "a directory is a way, where sockets can be handed over",
  ...needs(foreignFunctions()),
  fn() {
    const config = { ports: PORTS, handover: "/run/blog" };
    assertEquals(socketStatus(config, facts("bound", { isOn: true })).passedBy, [
      "directory",
      "store",
    ]);
  },
});
