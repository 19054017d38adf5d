import { assertEquals } from "@std/assert";
import { Quarantine } from "../../../src/roll/quarantine.ts";

/** Waits after so many failures in a row of one version. */
function waits(failures: number, serving: boolean): number[] {
  const quarantine = new Quarantine();
  return Array.from(
    { length: failures },
    () =>
      quarantine.add("bad", 1_000, serving ? "while_serving" : "while_down", "").retryAt - 1_000,
  );
}

Deno.test("B18 while another version serves, a refused one waits half a minute, then longer, up to an hour", () => {
  const minutes = waits(9, true).map((ms) => ms / 60_000);
  assertEquals(minutes, [0.5, 1, 2, 4, 8, 16, 32, 60, 60]);
});

Deno.test("while nothing serves, a refused version waits a second, then longer, up to half a minute", () => {
  const seconds = waits(7, false).map((ms) => ms / 1_000);
  assertEquals(seconds, [1, 2, 4, 8, 16, 30, 30]);
});

Deno.test("a version is blocked until its time has come, and others never", () => {
  const quarantine = new Quarantine();
  const entry = quarantine.add("bad", 0, "while_serving", "");
  assertEquals(quarantine.blocks("bad", 0), entry);
  assertEquals(quarantine.blocks("bad", 29_999), entry);
  assertEquals(quarantine.blocks("bad", 30_000), null);
  assertEquals(quarantine.blocks("good", 0), null);
});

Deno.test("failures are remembered beyond the end of a back-off", () => {
  const quarantine = new Quarantine();
  quarantine.add("bad", 0, "while_serving", "");
  assertEquals(quarantine.blocks("bad", 1e9), null);
  assertEquals(quarantine.add("bad", 1e9, "while_serving", ""), {
    id: "bad",
    failures: 2,
    retryAt: 1e9 + 60_000,
    detail: "",
  });
});

Deno.test("a released version may be tried at once and starts afresh", () => {
  const quarantine = new Quarantine();
  for (let i = 0; i < 3; i++) quarantine.add("bad", 0, "while_serving", "");
  quarantine.release("bad");
  assertEquals(quarantine.blocks("bad", 0), null);
  assertEquals(quarantine.list(), []);
  assertEquals(quarantine.add("bad", 0, "while_serving", "").failures, 1);
});

Deno.test("releasing what is not in quarantine does nothing", () => {
  const quarantine = new Quarantine();
  quarantine.add("bad", 0, "while_serving", "");
  quarantine.release("good");
  assertEquals(quarantine.list().map(({ id }) => id), ["bad"]);
});

Deno.test("the version that failed longest ago is forgotten when there are too many", () => {
  const quarantine = new Quarantine();
  for (let i = 0; i < 100; i++) quarantine.add(`v${i}`, i, "while_serving", "");
  quarantine.add("v0", 100, "while_serving", "");
  quarantine.add("v100", 101, "while_serving", "");
  const ids = quarantine.list().map(({ id }) => id);
  assertEquals(ids.length, 100);
  assertEquals([ids[0], ids.at(-2), ids.at(-1)], ["v2", "v0", "v100"]);
});
