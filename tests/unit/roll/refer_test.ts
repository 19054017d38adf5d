import { assertEquals } from "@std/assert";
import { refer } from "../../../src/roll/refer.ts";
import { FairWorld } from "./fair_world.ts";

Deno.test("an instance is named by key, version, port and pid, and by nothing else", async () => {
  const instance = await new FairWorld().launch("v1", 9101);
  assertEquals(refer(instance), { key: "i1", id: "v1", port: 9101, pid: instance.pid });
});

Deno.test("the name stays what it was when the instance has ended", async () => {
  const instance = await new FairWorld().launch("v1", 9101);
  const before = refer(instance);
  instance.end({ code: 1, signal: null });
  assertEquals(refer(instance), before);
});
