import { assert, assertEquals } from "@std/assert";
import { poll } from "../../src/platform/poll.ts";
import { readDatabase } from "../../src/state/database.ts";
import { History } from "../../src/state/history.ts";
import { remember } from "../../src/state/sqlite_journal.ts";
import type { RollRecord } from "../../src/roll/journal.ts";
import { PATIENCE_MS } from "./event_log.ts";
import { Home } from "./home.ts";
import { ask } from "./http.ts";
import { type CrashPoint, describePoint, writeCrashPoint } from "./journal_crash_point.ts";
import { Witness } from "./journal_crash_witness.ts";
import { Liveroll } from "./liveroll.ts";
import { signal } from "./proc.ts";
import { showingLog } from "./showing_logs.ts";

const PROGRAM = new URL("journal_crash_main.ts", import.meta.url).pathname;

/**
 * What dies with liveroll. `capture` and `inherit` are `--child-logs`: children of the one are left
 * without a reader, those of the other outlive liveroll; at a power cut everything is gone.
 */
export type Loss = "capture" | "inherit" | "power cut";

/** What the life that is cut short is about. */
export interface Story {
  flags?: Record<string, string>;
  /** Of the life after it; those of all lives if there are none. */
  laterFlags?: Record<string, string>;
  /** The point counts from the very start. */
  fromStart?: boolean;
  /** A life before died here; the point counts from the start of the one after it. */
  diedBefore?: CrashPoint;
  /** Something has to happen before the point counts. */
  prepare?(liveroll: Liveroll): Promise<unknown>;
  /** Makes what it dies of happen. */
  provoke?(liveroll: Liveroll): unknown;
}

/** How it has to end. */
export interface Ending {
  /** The version that serves when all is quiet. */
  serves: string;
  /** The version whose process goes on serving; null: nobody is left who could. */
  adopts: string | null;
  /** The outcomes of all rolls, the oldest first. */
  outcomes: string;
}

/** One row of the table. */
export interface CrashCase extends CrashPoint, Ending {
  loss: Loss;
}

/** Looks at the last life when all is quiet. */
export type Look = (liveroll: Liveroll) => Promise<void>;

/**
 * Runs `story` until liveroll dies where the row says, starts it again, and compares what comes of
 * it with the row. Promises that hold in every row are asked on the way.
 */
export async function crashAndReturn(
  story: Story,
  row: CrashCase,
  look: Look = async () => {},
): Promise<void> {
  using home = new Home();
  home.workspace.publish("v1");
  const logs = { "child-logs": row.loss === "capture" ? "capture" : "inherit" };
  await using lives = new AsyncDisposableStack();
  lives.use(await dieAs(story, row, home, logs));
  if (row.loss === "power cut") { for (const { pid } of home.processes()) signal(pid, "SIGKILL"); }
  const before = await served(home, row);
  const last = lives.use(
    new Liveroll({ home, flags: { ...story.laterFlags ?? story.flags, ...logs } }),
  );
  await showing(describeCase(row), last, async () => {
    await using witness = new Witness(last);
    await quiet(last, row.serves);
    await witness.stop();
    assertEquals(last.children().size, 1);
    await assertAdopted(last, row, before);
    assertNobodyFell(last, row);
    await look(last);
    await last.stop();
    assertRemembered(home, row);
  });
}

/** For people. */
export function describeCase(row: CrashCase): string {
  return `${describePoint(row)}, ${row.loss}`;
}

/** Lives that have died as the story and its row tell. */
async function dieAs(
  story: Story,
  row: CrashCase,
  home: Home,
  logs: Record<string, string>,
): Promise<AsyncDisposable> {
  const flags = { ...story.flags, ...logs };
  const lives = new AsyncDisposableStack();
  const { diedBefore } = story;
  if (diedBefore === undefined) return await dieAt(row, story, home, flags);
  lives.use(await dieAt(diedBefore, story, home, flags));
  const laterFlags = { ...story.laterFlags ?? story.flags, ...logs };
  lives.use(await dieAt(row, { fromStart: true }, home, laterFlags));
  return lives;
}

/** A liveroll that has died at `point`; what it left lives in `home`. */
export async function dieAt(
  point: CrashPoint,
  story: Story,
  home: Home,
  flags: Record<string, string>,
): Promise<Liveroll> {
  const file = `${home.workspace.dir}/crash-at`;
  if (story.fromStart) writeCrashPoint(file, point);
  const liveroll = new Liveroll({ home, flags, program: PROGRAM, env: { TOY_CRASH_AT: file } });
  await showing(describePoint(point), liveroll, async () => {
    if (!story.fromStart) {
      await quiet(liveroll, "v1");
      await story.prepare?.(liveroll);
      writeCrashPoint(file, point);
      await story.provoke?.(liveroll);
    }
    const { signal } = await liveroll.end();
    assertEquals(signal, "SIGKILL");
    Deno.removeSync(file);
  });
  return liveroll;
}

/** Runs `test`; when it fails, the log is shown and liveroll ended. */
async function showing(
  title: string,
  liveroll: Liveroll,
  test: () => Promise<void>,
): Promise<void> {
  await showingLog(liveroll, async () => {
    await using unlessAllIsWell = new AsyncDisposableStack();
    unlessAllIsWell.use(liveroll);
    await test();
    unlessAllIsWell.move();
  }, title);
}

/** Waits until `version` serves alone, nothing is to be asked, and no roll is under way any more. */
async function quiet({ home, log, ended }: Liveroll, version: string): Promise<void> {
  const end = new AbortController();
  ended.then(() => end.abort());
  using client = home.client();
  const isQuiet = async () => {
    const status = await client.status().catch(() => null);
    if (status?.current?.id !== version) return false;
    if (status.candidate !== null || status.draining.length > 0) return false;
    if (status.lastCheck === null && !status.settings.paused) return false;
    return (await client.history(100)).every(({ outcome }) => outcome !== null);
  };
  if (await poll(isQuiet, { timeoutMs: PATIENCE_MS, signal: end.signal })) return;
  throw new Error(`Cannot see ${version} serve in peace; the log was:\n${log.last()}`);
}

/** The pid of who is going to be adopted, asked without liveroll; null: nobody is. */
async function served(home: Home, { adopts, loss }: CrashCase): Promise<number | null> {
  if (adopts === null || loss !== "inherit") return null;
  const [one] = [...home.children().values()].flat().filter(({ env }) =>
    env.LIVEROLL_ID === adopts
  );
  assert(one !== undefined, `nothing of ${adopts} is left`);
  const port = Number(one.env.PORT);
  assertEquals((await ask(port, "/")).text, adopts);
  return Number((await ask(port, "/pid")).text);
}

async function assertAdopted(
  liveroll: Liveroll,
  { adopts, serves }: CrashCase,
  before: number | null,
): Promise<void> {
  const adopted = liveroll.events("instance.adopted").map(({ instance }) => instance.id);
  assertEquals(adopted, before === null ? [] : [adopts]);
  if (before === null || adopts !== serves) return;
  assertEquals(Number((await liveroll.ask("/pid")).text), before, "another process serves");
}

/** Who was adopted leaves after another one has come, and nobody goes by himself. */
function assertNobodyFell(liveroll: Liveroll, { adopts, serves }: CrashCase): void {
  assertEquals(liveroll.events("instance.exited"), []);
  if (adopts === serves || liveroll.events("instance.adopted").length === 0) return;
  const order = liveroll.log.lines.filter(({ event, instance }) =>
    event === "roll.switched" ||
    event === "instance.stopped" && Reflect.get(Object(instance), "id") === adopts
  );
  assertEquals(order.map(({ event }) => event), ["roll.switched", "instance.stopped"]);
}

function assertRemembered(home: Home, { outcomes }: CrashCase): void {
  const db = readDatabase(home.stateDir);
  try {
    const rolls = new History(db).history({ limit: 100 }).reverse();
    assertEquals(rolls.map(({ roll }) => roll), rolls.map((_, index) => index + 1));
    assertEquals(rolls.map(inWords).join(", "), outcomes);
    assertEquals(remember(db).instances, []);
  } finally {
    db.close();
  }
}

function inWords({ to, outcome }: RollRecord): string {
  return `${to} ${outcome}`;
}
