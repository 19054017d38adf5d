import { assertEquals, assertThrows } from "@std/assert";
import { type HeldSocket, HeldSockets } from "../../../src/handover/held_sockets.ts";
import { handoverMeans } from "../../../src/handover/means.ts";
import { StartSockets } from "../../../src/handover/start_sockets.ts";
import { PublicSockets } from "../../../src/runtime/public_sockets.ts";
import { foreignFunctions } from "../../helpers/handover.ts";
import { PortClaim } from "../../helpers/ports.ts";
import { needs, program } from "../../helpers/skip.ts";

/** Prints the process that the sockets are for, and what it has, by numbers. */
const LIST_SOCKETS = "echo $LISTEN_PID; for fd in 3 4 5 6 7 8 9; do " +
  "echo $fd $(readlink /proc/$$/fd/$fd); done | grep socket:";

/** Held sockets that write down how they were lent. */
function held(...places: [hostname: string, port: number, fd: number][]) {
  const lent: string[] = [];
  const list = places.map(([hostname, port, fd], index): HeldSocket => ({
    name: index === 0 ? "http" : `port-${port}`,
    address: { hostname, port },
    fd,
    origin: "bound",
    activated: false,
  }));
  function way(name: string) {
    return <T>(start: () => T): T => {
      lent.push(name);
      return start();
    };
  }
  return { lent, list, lend: way("open"), lendAsInput: way("input"), isHeldBy: () => true };
}

Deno.test("server-starter: addresses, descriptors, and a generation that rises", () => {
  const sockets = held(["0.0.0.0", 80, 21], ["127.0.0.1", 81, 22], ["::1", 82, 30]);
  const passing = new PublicSockets(sockets, "server-starter", { bash: null });
  for (const generation of ["1", "2"]) {
    const how = passing.spawn("./app", (how) => how);
    assertEquals(how, {
      command: "./app",
      env: {
        SERVER_STARTER_PORT: "80=21;127.0.0.1:81=22;[::1]:82=30",
        SERVER_STARTER_GENERATION: generation,
      },
      input: "null",
    });
  }
  assertEquals(sockets.lent, ["open", "open"]);
});

Deno.test("systemd: one socket comes as standard input and is moved to 3", () => {
  const sockets = held(["0.0.0.0", 80, 21]);
  assertEquals(
    new PublicSockets(sockets, "systemd", { bash: null }).spawn("echo 'a b'", (how) => how),
    {
      command: `exec 3<&0 </dev/null; LISTEN_PID=$$ exec sh -c 'echo '\\''a b'\\'''`,
      env: { LISTEN_FDS: "1", LISTEN_FDNAMES: "http" },
      input: "inherit",
    },
  );
  assertEquals(sockets.lent, ["input"]);
});

Deno.test("systemd: sockets that are where they have to be stay there", () => {
  const sockets = held(["0.0.0.0", 80, 3], ["0.0.0.0", 81, 4]);
  assertEquals(new PublicSockets(sockets, "systemd", { bash: null }).spawn("./app", (how) => how), {
    command: "LISTEN_PID=$$ exec sh -c 'exec ./app'",
    env: { LISTEN_FDS: "2", LISTEN_FDNAMES: "http:port-81" },
    input: "null",
  });
  assertEquals(sockets.lent, ["open"]);
});

Deno.test("systemd: several sockets that cannot be moved are refused", () => {
  const sockets = held(["0.0.0.0", 80, 21], ["0.0.0.0", 81, 22]);
  assertThrows(
    () => new PublicSockets(sockets, "systemd", { bash: null }),
    TypeError,
    "Cannot pass 2 sockets by LISTEN_FDS",
  );
});

Deno.test({
  name: "systemd: several sockets come in their order, whatever numbers they had",
  ...needs(foreignFunctions(), program("bash")),
  async fn() {
    using claim = new PortClaim(3);
    const means = handoverMeans();
    const start = new StartSockets({ inherited: [], ...means, onWarning: () => {} });
    const wanted = claim.ports.map((port) => ({
      name: `port-${port}`,
      address: { hostname: "127.0.0.1", port },
    }));
    const open = HeldSockets.open(wanted, { start, means });
    const files = open.list.map(({ fd }) => Deno.readLinkSync(`/proc/self/fd/${fd}`));
    for (const order of [[0, 1, 2], [2, 1, 0], [1, 2, 0]]) {
      const list = order.map((index) => open.list[index]!);
      const { pid, said } = await startedWith({ ...held(), list, lend: (work) => open.lend(work) });
      assertEquals(said, [
        `${pid}`,
        ...order.map((index, place) => `${3 + place} ${files[index]}`),
      ]);
    }
    open.close();
  },
});

/** What a child says of its sockets that has got these by `LISTEN_FDS`. */
async function startedWith(lender: ConstructorParameters<typeof PublicSockets>[0]) {
  const passing = new PublicSockets(lender, "systemd", { bash: "bash" });
  const child = passing.spawn(LIST_SOCKETS, ({ command, env }) => {
    const args = ["-c", command];
    return new Deno.Command("sh", { args, env, stdin: "null", detached: true, stdout: "piped" })
      .spawn();
  });
  const { stdout } = await child.output();
  return { pid: child.pid, said: new TextDecoder().decode(stdout).trim().split("\n") };
}
