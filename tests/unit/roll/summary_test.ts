import { assertEquals } from "@std/assert";
import type { AppState } from "../../../src/roll/events.ts";
import { NO_SETTINGS } from "../../../src/roll/journal.ts";
import { type Facts, summarize } from "../../../src/roll/summary.ts";

const NOTHING: Facts = {
  stopping: false,
  waitsFor: null,
  serving: null,
  rollingTo: null,
  awaited: null,
  refused: null,
  checkProblem: null,
  crash: null,
  sick: false,
  copies: null,
  wanted: null,
  onProbation: null,
  waiting: null,
  remains: [],
  waitsForRemains: false,
  settings: NO_SETTINGS,
  journalProblem: null,
};
const serving = { key: "i1", id: "v1", port: 9101, pid: 1 };
const refused = { id: "v2", detail: "it exited with code 1 before it was healthy" };
const crash = (crashes: number, waitMs: number) => ({
  id: "v1",
  restart: { crashes, waitMs, crashLoop: crashes >= 5 },
});

const TABLE: [Partial<Facts>, AppState, string][] = [
  [{}, "starting", "nothing serves yet"],
  [{ rollingTo: "v1" }, "starting", "starting v1"],
  [
    { waitsFor: "the container engine: it says 500", refused },
    "starting",
    "waiting for the container engine: it says 500; v2 refused: it exited with code 1 before it was healthy",
  ],
  [
    { checkProblem: "exit status 1" },
    "starting",
    "nothing serves yet; last check failed: exit status 1",
  ],
  [{ serving }, "serving", "serving v1 on port 9101"],
  [{ serving, copies: { well: 3, shortage: null } }, "serving", "serving v1 on port 9101"],
  [
    { serving, copies: { well: 2, shortage: "2 of 3 containers are well" } },
    "serving",
    "serving v1 on port 9101; 2 of 3 containers are well",
  ],
  [
    { serving, copies: { well: 0, shortage: "its container is not well" } },
    "degraded",
    "serving v1 on port 9101; its container is not well",
  ],
  [
    { serving, remains: [{ ...serving, key: "i0", id: "v0" }] },
    "serving",
    "serving v1 on port 9101; v0 (i0) cannot be ended",
  ],
  [
    { rollingTo: "v2", remains: [serving], waitsForRemains: true },
    "degraded",
    "starting v2; v1 (i1) cannot be ended: nothing is started on its data before it is gone",
  ],
  [{ serving: { ...serving, port: 0 } }, "serving", "serving v1"],
  [
    { serving, settings: { ...NO_SETTINGS, paused: true } },
    "paused",
    "serving v1 on port 9101; updates are paused",
  ],
  [
    { settings: { ...NO_SETTINGS, paused: true } },
    "paused",
    "nothing serves yet; updates are paused",
  ],
  [
    { serving, settings: { ...NO_SETTINGS, held: true } },
    "holding",
    "serving v1 on port 9101; requests are held",
  ],
  [
    { serving, settings: { ...NO_SETTINGS, maintenance: "back at 5" } },
    "holding",
    "serving v1 on port 9101; in maintenance",
  ],
  [
    { serving, settings: { ...NO_SETTINGS, pinned: "v1" } },
    "serving",
    "serving v1 on port 9101; v1 is pinned",
  ],
  [{ serving, wanted: "v0" }, "degraded", "serving v1 on port 9101; v0 should serve in its place"],
  [{ serving, sick: true }, "degraded", "serving v1 on port 9101; it does not answer its probes"],
  [{ serving, onProbation: "v0" }, "serving", "serving v1 on port 9101; watched, v0 can come back"],
  [
    {
      serving,
      waiting: { id: "v2", wait: { obstacle: "window", detail: "no window is open", waitMs: 5 } },
    },
    "serving",
    "serving v1 on port 9101; v2 waits: no window is open",
  ],
  [
    { serving, journalProblem: "the disk is full" },
    "serving",
    "serving v1 on port 9101; nothing can be written down: the disk is full",
  ],
  [{ serving, rollingTo: "v2" }, "rolling", "serving v1 on port 9101, rolling to v2"],
  [
    { serving, refused },
    "serving",
    "serving v1 on port 9101; v2 refused: it exited with code 1 before it was healthy",
  ],
  [
    { serving, checkProblem: "exit status 1" },
    "serving",
    "serving v1 on port 9101; last check failed: exit status 1",
  ],
  [
    { serving, refused, checkProblem: "exit status 1" },
    "serving",
    "serving v1 on port 9101; v2 refused: it exited with code 1 before it was healthy; " +
    "last check failed: exit status 1",
  ],
  [
    { refused },
    "degraded",
    "nothing serves yet; v2 refused: it exited with code 1 before it was healthy",
  ],
  [
    { refused, rollingTo: "v2" },
    "degraded",
    "starting v2; v2 refused: it exited with code 1 before it was healthy",
  ],
  [{ crash: crash(1, 0) }, "degraded", "v1 crashed, restarting"],
  [{ crash: crash(2, 500) }, "degraded", "v1 crashed, next start in 0.5s"],
  [
    { crash: crash(5, 4_000) },
    "degraded",
    "crash loop: v1 failed 5 times in a row, next start in 4.0s",
  ],
  [{ crash: crash(1, 0), rollingTo: "v2" }, "degraded", "v1 crashed, restarting"],
  [{ stopping: true }, "stopping", "stopping"],
  [
    { stopping: true, serving, rollingTo: "v2", refused, checkProblem: "x", crash: crash(1, 0) },
    "stopping",
    "stopping",
  ],
];

for (const [facts, state, detail] of TABLE) {
  Deno.test(`summary: ${Object.keys(facts).join(", ") || "nothing"} is "${state}: ${detail}"`, () => {
    assertEquals(summarize({ ...NOTHING, ...facts }), { state, detail });
  });
}
