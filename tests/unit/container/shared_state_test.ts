import { assertEquals } from "@std/assert";
import { parseRunOptions } from "../../../src/container/run_options.ts";
import { forgottenPlaces, sharedState } from "../../../src/container/shared_state.ts";
import { CONTEXT } from "./run_context.ts";

/** What is shared, and what is lost. */
const TABLE: readonly [line: string, shared: readonly string[], lost?: readonly string[]][] = [
  ["", []],
  ["-e A=b --tmpfs /run --expose 80 --network back --network-alias web", []],
  ["-v data:/data", ["volume data"]],
  ["-v data:/data:ro", []],
  ["-v data:/data:ro,Z", []],
  ["-v /srv/data:/data", ["bind /srv/data"]],
  ["-v /srv/data:/data:ro", []],
  ["-v ./data:/data:rw,z", ["bind /srv/app/data"]],
  ["-v /run/app.sock:/run/app.sock", []],
  ["-v /data", [], ["/data"]],
  ["--mount type=bind,source=/srv,target=/data", ["bind /srv"]],
  ["--mount type=bind,source=/srv,target=/data,readonly", []],
  ["--mount source=data,target=/data", ["volume data"]],
  ["--mount source=data,target=/data,ro", []],
  ["--mount target=/data", [], ["/data"]],
  ["--mount type=tmpfs,target=/data", []],
  ["-v a1:/a -v b1:/b:ro -v c1:/c", ["volume a1", "volume c1"]],
  ["--network back --ip 10.0.0.2", ["address 10.0.0.2"]],
];

for (const [line, shared, lost = []] of TABLE) {
  Deno.test(`what two copies share is known: ${line}`, () => {
    const { body } = parseRunOptions(line === "" ? [] : line.split(" "), CONTEXT);
    const state = sharedState(body, { volumes: [] });
    assertEquals(state.shared.map(({ kind, what }) => `${kind} ${what}`), shared);
    assertEquals(state.lost, lost);
  });
}

const FORGOTTEN: readonly [line: string, forgotten: boolean][] = [
  ["-v other:/other", true],
  ["-v data:/data", false],
  ["-v /data", false],
  ["--tmpfs /data", false],
  ["--mount target=/data", false],
  ["--mount type=tmpfs,target=/data", false],
];

for (const [line, forgotten] of FORGOTTEN) {
  Deno.test(`a volume of the image is ${forgotten ? "" : "not "}forgotten: ${line}`, () => {
    const { body } = parseRunOptions(line.split(" "), CONTEXT);
    assertEquals(forgottenPlaces(body, { volumes: ["/data"] }), forgotten ? ["/data"] : []);
  });
}

Deno.test("a fixed port of the host is shared, one that the engine chooses is not", () => {
  const PortBindings = {
    "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "8080" }, { HostPort: "" }],
    "53/udp": [{ HostPort: "53" }, { HostPort: "0" }],
  };
  const { shared } = sharedState({ HostConfig: { PortBindings } }, { volumes: [] });
  assertEquals(shared, [
    {
      kind: "port",
      what: "8080/tcp",
      why: "only one copy can have port 8080 of the host, for its 80/tcp",
    },
    {
      kind: "port",
      what: "53/udp",
      why: "only one copy can have port 53 of the host, for its 53/udp",
    },
  ]);
});

Deno.test("what an image keeps in a volume without a name is lost, unless a named one is there", () => {
  const image = { volumes: ["/var/lib/db", "/var/log", "/run"] };
  const words = ["-v", "db:/var/lib/db", "--tmpfs", "/run"];
  const { shared, lost } = sharedState(parseRunOptions(words, CONTEXT).body, image);
  assertEquals(shared.map(({ why }) => why), [
    "both copies could write to the volume db at /var/lib/db",
  ]);
  assertEquals(lost, ["/var/log"]);
});
