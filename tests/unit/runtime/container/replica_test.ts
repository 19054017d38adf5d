import { assertEquals, assertThrows } from "@std/assert";
import type { ContainerInfo } from "../../../../src/container/engine/container_info.ts";
import { hostPort, Replica } from "../../../../src/runtime/container/replica.ts";
import { FakeEngine } from "../../../helpers/fake_engine.ts";
import { SimClock } from "../../../simulation/sim_clock.ts";

function container() {
  return new FakeEngine(new SimClock()).put("web-0", { Image: "web" });
}

Deno.test("a container that was started again answers as another one", () => {
  const one = container();
  const replica = new Replica(one.info(), 2);
  assertEquals([replica.state, replica.endpoint], ["new", null]);
  one.start();
  replica.up("i7", one.info(), 4711);
  const first = replica.endpoint!;
  assertEquals([first.key, first.host, first.port, first.isAlive()], [
    `i7/2.1-${one.id.slice(0, 6)}`,
    "127.0.0.1",
    4711,
    true,
  ]);
  replica.down(null);
  assertEquals([replica.endpoint, first.isAlive()], [null, false]);
  replica.up("i7", one.info(), 4712);
  assertEquals([first.isAlive(), replica.endpoint!.isAlive()], [false, true]);
  assertEquals(replica.endpoint!.key, `i7/2.2-${one.id.slice(0, 6)}`);
});

/** What is published, networks; then: the port of the host, or why there is none. */
const PORTS: readonly [ContainerInfo["ports"], ContainerInfo["networks"], number | string][] = [
  [[{ container: "80/tcp", hostIp: "127.0.0.1", hostPort: 4000 }], { bridge: "" }, 4000],
  [
    [
      { container: "80/tcp", hostIp: "0.0.0.0", hostPort: 5000 },
      { container: "80/tcp", hostIp: "127.0.0.1", hostPort: 4000 },
    ],
    {},
    4000,
  ],
  [[{ container: "80/tcp", hostIp: "::", hostPort: 4000 }], {}, "port 80 of container web-0"],
  [[{ container: "80/udp", hostIp: "127.0.0.1", hostPort: 4000 }], {}, "is not published"],
  [[], { host: "" }, 80],
  [[], { bridge: "172.17.0.2" }, "is not published"],
];

for (const [ports, networks, expected] of PORTS) {
  const name = ports.map(({ container, hostIp }) => `${hostIp} ${container}`).join(", ");
  Deno.test(`the port of the host for ${name || "nothing"}, ${Object.keys(networks)}`, () => {
    const info = { ...container().info(), ports, networks };
    if (typeof expected === "number") return assertEquals(hostPort(info, 80), expected);
    assertThrows(() => hostPort(info, 80), Error, expected);
  });
}
