import { assertEquals } from "@std/assert";
import { RestartPolicy } from "../../../src/roll/restart_policy.ts";

Deno.test("B17 the first restart is immediate, later ones wait longer and longer up to a cap", () => {
  const policy = new RestartPolicy();
  const waits = Array.from({ length: 10 }, () => policy.crashed(100).waitMs);
  assertEquals(waits, [0, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

Deno.test("five crashes in a row are called a crash loop", () => {
  const policy = new RestartPolicy();
  const series = Array.from({ length: 6 }, () => policy.crashed(0));
  assertEquals(series.map(({ crashes }) => crashes), [1, 2, 3, 4, 5, 6]);
  assertEquals(series.map(({ crashLoop }) => crashLoop), [false, false, false, false, true, true]);
});

Deno.test("a minute of service makes the next crash the first of a new series", () => {
  const policy = new RestartPolicy();
  for (let i = 0; i < 6; i++) policy.crashed(0);
  assertEquals(policy.crashed(59_999).crashes, 7);
  assertEquals(policy.crashed(60_000), { crashes: 1, waitMs: 0, crashLoop: false });
});

Deno.test("another version begins a new series", () => {
  const policy = new RestartPolicy();
  for (let i = 0; i < 6; i++) policy.crashed(0);
  policy.reset();
  assertEquals(policy.crashed(0), { crashes: 1, waitMs: 0, crashLoop: false });
});
