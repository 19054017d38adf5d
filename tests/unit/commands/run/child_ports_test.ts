import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { allChildPorts, childPortsAreFree } from "../../../../src/commands/run/child_ports.ts";
import type { Config } from "../../../../src/config/config.ts";
import { ProcessRuntime } from "../../../../src/runtime/process.ts";
import { freePort } from "../../platform/processes.ts";
import { recordingLog } from "../../platform/recording_log.ts";
import { runtimeOptions } from "../../runtime/runtime_options.ts";

const HOST = "127.0.0.1";

/** Looks at two ports for children, and at what stands behind one more public port. */
async function look(
  childPorts: readonly [number, number],
  { ours = [], backend = { offset: 0 }, childHost = HOST }: {
    ours?: readonly number[];
    backend?: Config["ports"][number]["backend"];
    childHost?: string;
  } = {},
) {
  const log = recordingLog();
  const runtime = new ProcessRuntime({ ...runtimeOptions({ exec: "exec sleep 1" }), childHost });
  const ports = [{ listen: 0, backend }] as const;
  const config = { childHost, childPorts, ports } as Partial<Config> as Config;
  const areFree = await childPortsAreFree(config, runtime, log, ours);
  return { areFree, entries: log.entries };
}

/** Somebody who listens on a port. */
function stranger(): { port: number } & Disposable {
  const listener = Deno.listen({ hostname: HOST, port: freePort() });
  return { port: listener.addr.port, [Symbol.dispose]: () => listener.close() };
}

Deno.test("ports that nobody holds are free, and nothing is said", async () => {
  assertEquals(await look([freePort(), freePort()]), { areFree: true, entries: [] });
});

for (const place of ["first", "second"] as const) {
  Deno.test(`the ${place} port is held: it is named, with who holds it`, async () => {
    using held = stranger();
    const { port } = held;
    const ports = place === "first" ? [port, freePort()] as const : [freePort(), port] as const;
    const { areFree, entries } = await look(ports);
    assertEquals([areFree, entries.length], [false, 1]);
    const [entry] = entries;
    assertEquals([entry?.level, entry?.properties.event, entry?.properties.port], [
      "error",
      "port.taken",
      port,
    ]);
    assertStringIncludes(entry!.message, `Cannot use child port ${port}: it is held by `);
    assert(entry!.message.endsWith("; choose another"), entry!.message);
  });
}

Deno.test("G13 a port of a child of a former life is no obstacle: that child is looked after", async () => {
  using held = stranger();
  const { areFree } = await look([held.port, freePort()], { ours: [held.port] });
  assertEquals(areFree, true);
});

Deno.test("G13 a child of a former life does not excuse a stranger on the other port", async () => {
  using held = stranger();
  const mine = freePort();
  const { areFree } = await look([mine, held.port], { ours: [mine] });
  assertEquals(areFree, false);
});

Deno.test("a fixed port behind another public port is looked at, too", async () => {
  using held = stranger();
  const backend = { port: held.port };
  const { areFree, entries } = await look([freePort(), freePort()], { backend });
  assertEquals([areFree, entries[0]?.properties.port], [false, held.port]);
});

Deno.test("G13 while a child of a former life may hold it, a fixed port is not looked at", async () => {
  using held = stranger();
  const child = freePort();
  const backend = { port: held.port };
  const { areFree } = await look([child, freePort()], { backend, ours: [child] });
  assertEquals(areFree, true);
});

Deno.test("an offset behind another public port is a matter of the child's own ports", async () => {
  const backend = { offset: 10 };
  assertEquals((await look([freePort(), freePort()], { backend })).areFree, true);
});

Deno.test("an address that this machine does not have is told as such", async () => {
  const { areFree, entries } = await look([freePort(), freePort()], { childHost: "192.0.2.1" });
  assertEquals(areFree, false);
  assert(entries[0]!.message.endsWith("; is 192.0.2.1 an address of this machine?"));
});

Deno.test("every port of a child counts: its own, the probed one, and those of the public ports", () => {
  const ports = [
    { listen: 80, backend: { offset: 0 } },
    { listen: 81, backend: { offset: 10 } },
    { listen: 82, backend: { port: 15_432 } },
  ] as const;
  const config = { childPorts: [9101, 9102], ports, healthPortOffset: 100 } as const;
  assertEquals(allChildPorts(config), [9101, 9201, 9111, 15_432, 9102, 9202, 9112]);
});
