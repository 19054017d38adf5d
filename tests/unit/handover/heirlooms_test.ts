import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { MAX_DESCRIPTORS } from "../../../src/handover/control_message.ts";
import { Heirlooms } from "../../../src/handover/heirlooms.ts";
import { HoldError } from "../../../src/handover/held_sockets.ts";
import { findMeans, handoverMeans, type Means } from "../../../src/handover/means.ts";
import { StartSockets } from "../../../src/handover/start_sockets.ts";
import { foreignFunctions } from "../../helpers/handover.ts";
import { needs } from "../../helpers/skip.ts";

const HERE = { hostname: "127.0.0.1", port: 0 };

function setUp(means: Means = findMeans(none)): Heirlooms {
  const { descriptors } = means;
  const start = new StartSockets({ inherited: [], descriptors, onWarning: () => {} });
  return new Heirlooms(start, means);
}

function none(): never {
  throw new Error("there is no C library");
}

function refusal(heirlooms: Heirlooms, name: string, obstacle: string | null = null): string {
  return assertThrows(() => heirlooms.claim(name, obstacle), TypeError).message;
}

Deno.test("a name is that of one listener, and can be said in a list of names", () => {
  const heirlooms = setUp();
  heirlooms.claim("http", null);
  assertEquals(refusal(heirlooms, "http"), "Cannot listen as http: the name is taken");
  for (const name of ["", "a:b"]) assertStringIncludes(refusal(heirlooms, name), "no colon");
});

Deno.test("who comes too late is told why, and has claimed nothing", () => {
  const heirlooms = setUp();
  assertEquals(refusal(heirlooms, "http", "it is over"), "Cannot listen as http: it is over");
  heirlooms.claim("http", null);
});

Deno.test("there are no more than one message can hand over", () => {
  const heirlooms = setUp();
  for (let i = 0; i < MAX_DESCRIPTORS; i++) heirlooms.claim(`n${i}`, null);
  assertStringIncludes(refusal(heirlooms, "late"), `${MAX_DESCRIPTORS} are possible`);
});

Deno.test("from its claim until it is open, one is being opened; it is told before it accepts", async () => {
  const heirlooms = setUp();
  assertEquals(heirlooms.isOpening, false);
  heirlooms.claim("http", null);
  assertEquals([heirlooms.isOpening, heirlooms.list.length], [true, 0]);
  let accepted: boolean | null = null;
  const listener = await heirlooms.open("http", HERE, ({ accepting }) => {
    accepted = accepting;
  });
  assertEquals([accepted, listener.accepting], [false, true]);
  assertEquals([heirlooms.isOpening, heirlooms.list], [false, [listener]]);
  heirlooms.close();
});

Deno.test("what was closed is not handed on, and its name is free", async () => {
  const heirlooms = setUp();
  heirlooms.claim("http", null);
  const listener = await heirlooms.open("http", HERE, () => {});
  listener.close();
  assertEquals(heirlooms.list, []);
  heirlooms.claim("http", null);
  assertEquals(heirlooms.isOpening, true);
});

Deno.test("an address that cannot be had leaves the name free", async () => {
  const heirlooms = setUp();
  heirlooms.claim("http", null);
  const elsewhere = { hostname: "203.0.113.1", port: 0 };
  await assertRejects(() => heirlooms.open("http", elsewhere, () => {}));
  assertEquals(heirlooms.isOpening, false);
  heirlooms.claim("http", null);
});

Deno.test("sockets that cannot be held leave their names free", () => {
  const heirlooms = setUp();
  const wanted = ["a", "b"].map((name) => ({ name, address: HERE }));
  for (const { name } of wanted) heirlooms.claim(name, null);
  assertThrows(() => heirlooms.hold(wanted, []), HoldError);
  assertEquals([heirlooms.isOpening, heirlooms.list], [false, []]);
});

Deno.test({
  name:
    "held sockets are handed on under the address that was asked for, and closed by their holder",
  ...needs(foreignFunctions()),
  fn() {
    const means = handoverMeans();
    const heirlooms = setUp(means);
    heirlooms.claim("http", null);
    const held = heirlooms.hold([{ name: "http", address: HERE }], []);
    const [heirloom] = heirlooms.list;
    const [socket] = held.list;
    assertEquals([heirloom?.asked, heirloom?.port], [HERE, socket?.address.port]);
    heirlooms.close();
    assertEquals(means.descriptors.isListening(socket!.fd), true);
    held.close();
  },
});

Deno.test("closing closes all that listen", async () => {
  const heirlooms = setUp();
  for (const name of ["a", "b"]) {
    heirlooms.claim(name, null);
    await heirlooms.open(name, HERE, () => {});
  }
  const { list } = heirlooms;
  heirlooms.close();
  assertEquals(list.map(({ closed }) => closed), [true, true]);
});

Deno.test("those that were withheld accept when all may", async () => {
  const heirlooms = setUp();
  heirlooms.claim("http", null);
  const listener = await heirlooms.open("http", HERE, (listener) => listener.withhold());
  assertEquals(listener.accepting, false);
  await heirlooms.grant();
  assertEquals(listener.accepting, true);
  heirlooms.close();
});
