import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import type { PhaseName } from "../../src/roll/journal.ts";
import { type PageOptions, shows, withPage } from "./browser.ts";
import { FakeControl } from "./fake_control.ts";
import type { FakeOperator } from "./fake_operator.ts";
import { needs, program } from "./skip.ts";

/** A page, and what is behind it. */
export interface Scene {
  page: Page;
  control: FakeControl;
  operator: FakeOperator;
}

/** How a scene begins. */
export interface SceneOptions extends PageOptions {
  /** Without: nobody is asked for one. */
  token?: string;
  /** How long ago its life began; `before` can let it pass. */
  behindMs?: number;
  before?: (operator: FakeOperator) => void;
}

/** A test with a page and a liveroll that does what it is told. */
export function pageTest(
  name: string,
  options: SceneOptions,
  test: (scene: Scene) => Promise<void>,
): void {
  Deno.test({ name, ...needs(program("chromium")), fn: () => play(options, test) });
}

async function play(options: SceneOptions, test: (scene: Scene) => Promise<void>): Promise<void> {
  await using control = await FakeControl.start(options);
  const { operator } = control;
  options.before?.(operator);
  await withPage(control.url, options, (page) => test({ page, control, operator }));
  assertEquals(control.errors, []);
}

/** In milliseconds. */
export const HOUR = 3_600_000;

/** A liveroll with a past and traffic. */
export function busy(operator: FakeOperator): void {
  operator.pass(0.2 * HOUR);
  for (const version of ["v2", "v3"]) {
    walk(operator, version, { port: 2, start: 14, gate: 1_840, switch: 6 });
    operator.switchOver();
    operator.phase("watch");
    operator.pass(10_000);
    operator.succeed();
    operator.pass(0.2 * HOUR);
  }
  walk(operator, "v4-bad", { port: 2, start: 11, gate: 730 });
  operator.fail("It exited with code 1 in its gate", ["boot", "panic: no database"]);
  operator.catchUp(60_000);
  operator.points = Array.from({ length: 120 }, (_, n) => ({
    total: 40 + 20 * Math.sin(n / 9) + 5 * Math.sin(n * 7),
    failed: n > 60 && n < 66 ? 6 : 0,
    p95Ms: 38,
  }));
  operator.current.requests = { total: 84_210, failed: 150, retried: 7, inFlight: 3, held: 0 };
  operator.current.waiting = {
    id: "v6",
    obstacle: "window",
    detail: "updates are made Mon-Fri 09:00-17:00 only",
    until: new Date(Date.now() + 7_200_000).toISOString(),
  };
  operator.current.settings.skipped = ["v3.1-broken"];
  for (let n = 0; n < 40; n++) operator.print(`GET /articles/${n} 200 ${n % 7} ms`);
  operator.print("cache is cold", "stderr");
}

/** In the midst of a roll. */
export function rolling(operator: FakeOperator): void {
  busy(operator);
  operator.catchUp(2_300);
  walk(operator, "v5", { port: 2, start: 12, gate: 0 });
}

/** Begins a roll; each phase takes so many milliseconds. */
function walk(
  operator: FakeOperator,
  to: string,
  phases: Partial<Record<PhaseName, number>>,
): void {
  operator.begin(to);
  for (const [name, ms] of Object.entries(phases)) {
    operator.phase(name as PhaseName);
    operator.pass(ms);
  }
}

/** What the browser says when nobody listens. */
export const LOSS = /ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY/;

/** Resolves when the page says that it shows what is. */
export async function live(page: Page): Promise<void> {
  await shows(page.locator("#connection"), "Live");
}
