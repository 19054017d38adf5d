import { assertEquals } from "@std/assert";
import { Recovery } from "../../../src/roll/recovery.ts";

Deno.test("at first nothing is proven and nothing is due", () => {
  const recovery = new Recovery();
  assertEquals([recovery.provenId, recovery.dueAt, recovery.crash], [null, null, null]);
  assertEquals(recovery.isUnderWay, false);
});

Deno.test("a first crash is due at once, the next ones later and later", () => {
  const recovery = new Recovery();
  recovery.serves("v1", 0);
  recovery.crashed(1_000);
  assertEquals(recovery.dueAt, 1_000);
  recovery.begin();
  assertEquals([recovery.dueAt, recovery.isUnderWay], [null, true]);
  recovery.end();
  recovery.failed(2_000);
  assertEquals(recovery.dueAt, 2_500);
  assertEquals(recovery.crash?.restart, { crashes: 2, waitMs: 500, crashLoop: false });
});

Deno.test("what serves again is not due any more; its crashes are remembered", () => {
  const recovery = new Recovery();
  recovery.serves("v1", 0);
  recovery.crashed(1_000);
  recovery.serves("v1", 1_500);
  assertEquals([recovery.dueAt, recovery.crash], [null, null]);
  assertEquals(recovery.crashed(2_000).crashes, 2);
});

Deno.test("crashes of another version are not held against a new one", () => {
  const recovery = new Recovery();
  recovery.serves("v1", 0);
  recovery.crashed(1_000);
  recovery.serves("v2", 1_500);
  assertEquals(recovery.crashed(2_000).crashes, 1);
});

Deno.test("a minute of service ends a series of crashes", () => {
  const recovery = new Recovery();
  recovery.serves("v1", 0);
  recovery.crashed(1_000);
  recovery.serves("v1", 1_500);
  assertEquals(recovery.crashed(61_500).crashes, 1);
});

Deno.test("bringing a version back neither counts as a crash nor cuts a back-off short", () => {
  const recovery = new Recovery();
  recovery.serves("v1", 0);
  recovery.wanted(1_000);
  assertEquals([recovery.dueAt, recovery.crash], [1_000, null]);
  recovery.crashed(1_000);
  recovery.failed(1_000);
  recovery.wanted(1_000);
  assertEquals(recovery.dueAt, 1_500);
});

Deno.test("nothing more is due while a healing is under way", () => {
  const recovery = new Recovery();
  recovery.serves("v1", 0);
  recovery.crashed(1_000);
  recovery.begin();
  recovery.wanted(1_000);
  assertEquals(recovery.dueAt, null);
});

Deno.test("a healing is told when another version has come to the front", () => {
  const recovery = new Recovery();
  recovery.serves("v1", 0);
  recovery.crashed(1_000);
  const signal = recovery.begin();
  assertEquals(signal.aborted, false);
  recovery.supersede();
  assertEquals([signal.aborted, (signal.reason as Error).message], [
    true,
    "another version serves",
  ]);
  recovery.end();
  recovery.supersede();
  assertEquals(recovery.isUnderWay, false);
});
