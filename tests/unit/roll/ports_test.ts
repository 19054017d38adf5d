import { assertEquals } from "@std/assert";
import { Ports } from "../../../src/roll/ports.ts";

const EFFECTS = { runtime: { portHolder: () => Promise.resolve(null) } } as never;
const NOBODY = { isLeaving: false, hurry() {} };
const NEVER = new AbortController().signal;

Deno.test("a port that somebody of ours has cannot be claimed, and one that is claimed not be taken", async () => {
  const ports = new Ports(EFFECTS, [9101, 9102]);
  ports.own(9101);
  assertEquals(ports.claim(9101), null);
  const claim = ports.claim(9102);
  let taken: unknown = null;
  const taking = ports.take(NOBODY, NEVER).then((choice) => taken = choice);
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  assertEquals([claim === null, taken], [false, null]);
  claim![Symbol.dispose]();
  await taking;
  assertEquals(taken, { port: 9102 });
});

Deno.test("who has no port of his own hinders nobody", () => {
  const ports = new Ports(EFFECTS, []);
  using one = ports.claim(0);
  using other = ports.claim(0);
  assertEquals([one === null, other === null], [false, false]);
});
