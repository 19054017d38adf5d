import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { window } from "../../../src/config/window_kind.ts";
import { UpdateWindows } from "../../../src/roll/window.ts";

const MINUTE = 60_000;
const at = (iso: string) => Date.parse(iso);

function openAt(texts: string[], iso: string): string {
  const windows = new UpdateWindows(texts.map(window.parse));
  return new Date(windows.openAt(at(iso))).toISOString();
}

const TABLE: [string, string[], string, string][] = [
  ["no window is always open", [], "2026-11-20T03:04:05.678Z", "2026-11-20T03:04:05.678Z"],
  [
    "open: now",
    ["Mon-Fri 09:00-17:00 UTC"],
    "2026-11-20T09:00:00.000Z",
    "2026-11-20T09:00:00.000Z",
  ],
  [
    "before it opens: today",
    ["09:00-17:00 UTC"],
    "2026-11-20T08:59:59.999Z",
    "2026-11-20T09:00:00.000Z",
  ],
  [
    "its end is outside",
    ["09:00-17:00 UTC"],
    "2026-11-20T17:00:00.000Z",
    "2026-11-21T09:00:00.000Z",
  ],
  [
    "over the weekend",
    ["Mon-Fri 09:00-17:00 UTC"],
    "2026-11-20T18:00:00Z",
    "2026-11-23T09:00:00.000Z",
  ],
  [
    "over midnight belongs to the day it begins",
    ["Fri 22:00-02:00 UTC"],
    "2026-11-21T01:59:00Z",
    "2026-11-21T01:59:00.000Z",
  ],
  [
    "over midnight, a day later",
    ["Fri 22:00-02:00 UTC"],
    "2026-11-22T01:00:00Z",
    "2026-11-27T22:00:00.000Z",
  ],
  ["days wrap", ["Fri-Mon 00:00-24:00 UTC"], "2026-11-24T00:00:00Z", "2026-11-27T00:00:00.000Z"],
  [
    "a list of days",
    ["sat,SUN 10:00-11:00 UTC"],
    "2026-11-20T12:00:00Z",
    "2026-11-21T10:00:00.000Z",
  ],
  [
    "a union",
    ["Mon 10:00-11:00 UTC", "Sat 10:00-11:00 UTC"],
    "2026-11-20T12:00:00Z",
    "2026-11-21T10:00:00.000Z",
  ],
  [
    "a zone, in winter",
    ["Mon-Fri 09:00-17:00 Europe/Berlin"],
    "2026-11-20T07:00:00Z",
    "2026-11-20T08:00:00.000Z",
  ],
  [
    "a zone, in summer",
    ["Mon-Fri 09:00-17:00 Europe/Berlin"],
    "2026-07-20T06:00:00Z",
    "2026-07-20T07:00:00.000Z",
  ],
  [
    "an hour that is left out does not open",
    ["Sun 02:15-02:45 Europe/Berlin"],
    "2026-03-28T12:00:00Z",
    "2026-04-05T00:15:00.000Z",
  ],
  [
    "an hour that comes twice opens at the first",
    ["Sun 02:15-02:45 Europe/Berlin"],
    "2026-10-24T12:00:00Z",
    "2026-10-25T00:15:00.000Z",
  ],
  [
    "an hour that comes twice opens again",
    ["Sun 02:15-02:45 Europe/Berlin"],
    "2026-10-25T00:50:00Z",
    "2026-10-25T01:15:00.000Z",
  ],
];

for (const [what, texts, from, expected] of TABLE) {
  Deno.test(`windows: ${what}`, () => assertEquals(openAt(texts, from), expected));
}

const ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo"];
/** In each of these weeks the clocks of some zone are changed. */
const WEEKS = ["2026-03-06", "2026-03-27", "2026-04-03", "2026-10-02", "2026-10-23", "2026-10-30"];

Deno.test("windows: the answer is the first open minute, whatever the clocks do", () => {
  const time = fc.integer({ min: 0, max: 1439 });
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES),
      fc.constantFrom(...WEEKS),
      fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1 }),
      time,
      time,
      fc.integer({ min: 0, max: 4 * 1440 }),
      (zone, week, days, from, to, offset) => {
        fc.pre(from !== to);
        const windows = new UpdateWindows([{ days, from, to, zone }]);
        const start = at(`${week}T00:00:00Z`) + offset * MINUTE;
        const answer = windows.openAt(start);
        assertEquals(windows.openAt(answer), answer, "it is open then");
        const missed = Array.from(
          { length: 200 },
          (_, i) => start + Math.floor((answer - start) / MINUTE * i / 200) * MINUTE,
        );
        for (const minute of missed) {
          if (minute < answer) assert(windows.openAt(minute) === answer, "nothing was left out");
        }
      },
    ),
    { numRuns: 60, seed: 1 },
  );
});
