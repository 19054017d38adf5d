import { assertEquals } from "@std/assert";
import { ProxyTraffic, type Rotation } from "../../../../src/commands/run/proxy_traffic.ts";
import type { BackendTarget } from "../../../../src/proxy/backend.ts";
import type { Endpoint, Instance } from "../../../../src/roll/instance.ts";

/** A proxy that only writes down what it is told. */
class Notebook implements Rotation {
  readonly lines: string[] = [];
  #inFlight = 0;

  replace(targets: readonly BackendTarget[]): void {
    this.lines.push(`replace ${targets.map(({ key, port }) => `${key}:${port}`).join(" ")}`);
  }
  remove(key: string): void {
    this.lines.push(`remove ${key}`);
  }
  hold(isHeld: boolean): void {
    this.lines.push(`hold ${isHeld}`);
  }
  maintenance(message: string | null): void {
    this.lines.push(`maintenance ${message}`);
  }
  drain(key: string) {
    this.lines.push(`drain ${key}`);
    return Promise.resolve({ finished: ++this.#inFlight, cut: 1 });
  }
  shutdown({ drainTimeoutMs, idleGraceMs }: { drainTimeoutMs: number; idleGraceMs?: number }) {
    this.lines.push(`shutdown ${drainTimeoutMs} ${idleGraceMs}`);
    return Promise.resolve({ finished: 0, cut: 0 });
  }
}

/** An instance with as many endpoints as there are ports. */
class Group {
  readonly #listeners = new Set<() => void>();
  readonly instance: Instance;
  #now: readonly Endpoint[];

  constructor(readonly key: string, ports: readonly number[]) {
    this.#now = ports.map((port) => this.#endpoint(port));
    const endpoints = {
      now: () => this.#now,
      onChange: (listener: () => void) => {
        this.#listeners.add(listener);
        return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
      },
    };
    this.instance = {
      key,
      endpoints: {
        get now() {
          return endpoints.now();
        },
        onChange: endpoints.onChange,
      },
    } as unknown as Instance;
  }

  change(ports: readonly number[]): void {
    this.#now = ports.map((port) => this.#endpoint(port));
    for (const listener of this.#listeners) listener();
  }

  #endpoint(port: number): Endpoint {
    return { key: `${this.key}/${port}`, host: "127.0.0.1", port, isAlive: () => true };
  }
}

function setUp() {
  const notebook = new Notebook();
  const traffic = new ProxyTraffic(notebook, { tunnelGraceMs: 0 });
  return { notebook, traffic, never: new AbortController().signal };
}

Deno.test("all endpoints of the instance that serves are in rotation, and follow its changes", () => {
  const { notebook, traffic } = setUp();
  const group = new Group("i1", [1, 2]);
  traffic.switchTo(group.instance);
  group.change([2, 3]);
  assertEquals(notebook.lines, ["replace i1/1:1 i1/2:2", "replace i1/2:2 i1/3:3"]);
});

Deno.test("whoever does not serve any more changes nothing in the rotation", () => {
  const { notebook, traffic } = setUp();
  const [old, fresh] = [new Group("i1", [1]), new Group("i2", [2])];
  traffic.switchTo(old.instance);
  traffic.switchTo(fresh.instance);
  old.change([9]);
  traffic.withdraw(fresh.instance);
  fresh.change([8]);
  assertEquals(notebook.lines, ["replace i1/1:1", "replace i2/2:2", "remove i2/2"]);
});

Deno.test("a drain waits wherever the instance ever had traffic, and adds it all up", async () => {
  const { notebook, traffic, never } = setUp();
  const group = new Group("i1", [1, 2]);
  traffic.switchTo(group.instance);
  group.change([2, 3]);
  assertEquals(await traffic.drain(group.instance, 1_000, never), { finished: 6, cut: 3 });
  assertEquals(notebook.lines.slice(2), ["drain i1/1", "drain i1/2", "drain i1/3"]);
});

Deno.test("a candidate that was never in rotation has nothing to withdraw or to drain", async () => {
  const { notebook, traffic, never } = setUp();
  const group = new Group("i1", [1]);
  traffic.withdraw(group.instance);
  assertEquals(await traffic.drain(group.instance, 1_000, never), { finished: 0, cut: 0 });
  assertEquals(notebook.lines, []);
});

Deno.test("an instance without endpoints is one backend of its own", () => {
  const { notebook, traffic } = setUp();
  traffic.switchTo({ key: "i7", id: "v1", host: "127.0.0.1", port: 9101 } as Instance);
  assertEquals(notebook.lines, ["replace i7:9101"]);
});

Deno.test("two can share the traffic, and one that leaves leaves it to the other", () => {
  const { notebook, traffic } = setUp();
  const [old, fresh] = [new Group("i1", [1, 2]), new Group("i2", [3])];
  traffic.switchTo(old.instance);
  traffic.share([fresh.instance, old.instance]);
  old.change([1]);
  fresh.change([3, 4]);
  traffic.withdraw(old.instance);
  old.change([9]);
  assertEquals(notebook.lines.slice(1), [
    "replace i2/3:3 i1/1:1 i1/2:2",
    "replace i2/3:3 i1/1:1",
    "replace i2/3:3 i2/4:4 i1/1:1",
    "replace i2/3:3 i2/4:4",
    "remove i1/1",
    "remove i1/2",
  ]);
});

Deno.test("resting connections may bring one more request where somebody else takes new ones", async () => {
  const proxy = new Notebook();
  const { signal } = new AbortController();
  await new ProxyTraffic(proxy, { tunnelGraceMs: 0 }).close(9_000, signal);
  await new ProxyTraffic(proxy, { tunnelGraceMs: 0, join: true }).close(9_000, signal);
  assertEquals(proxy.lines, ["shutdown 9000 0", "shutdown 9000 5000"]);
});
