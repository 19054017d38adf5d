import type { LogLine } from "../../tests/helpers/event_log.ts";
import { Home } from "../../tests/helpers/home.ts";
import { Liveroll } from "../../tests/helpers/liveroll.ts";
import { inspect, openFiles, residentBytes, signal } from "../../tests/helpers/proc.ts";
import { verb } from "../../tests/helpers/verbs.ts";
import { poll } from "../../src/platform/poll.ts";
import { outcomeTable } from "./outcome_table.ts";
import { total } from "./outcome.ts";
import { complaintsAbout, growthOf, type Sample } from "./samples.ts";
import { Traffic } from "./traffic.ts";

/** So long each one serves: long enough for most requests to end, short enough to overlap. */
const SERVE_MS = 2_500;
const DRAIN_SECONDS = 10;
/** For one that was replaced: its drain, and some time to end. */
const RETIRE_MS = (DRAIN_SECONDS + 20) * 1_000;
/** After the traffic: idle connections to the application are kept for a few seconds. */
const SETTLE_MS = 15_000;
const FILES_LEFT = 3;

const FLAGS = {
  "child-logs": "inherit",
  "drain-timeout": `${DRAIN_SECONDS}s`,
  "stop-timeout": "2s",
  "log-level": "info",
};

/**
 * Replaces one liveroll so many times under all kinds of traffic, by `liveroll upgrade` and by
 * starting another one in turn: no request may fail, the application must not notice, and nothing
 * may be left. Prints what it sees.
 *
 * @returns What was wrong; empty if nothing.
 */
export async function soakUpgrades(count: number): Promise<string[]> {
  await using row = await Row.begin();
  const filesBefore = openFiles(row.owner);
  const application = await row.application();
  await using traffic = new Traffic(row.home.port, "upgrades");
  const samples = await replaceOften(row, traffic, count);
  const report = await traffic.stop();
  console.log(outcomeTable(report));
  const complaints = [
    ...report.failures,
    ...total(report).ok === 0 ? ["no request succeeded"] : [],
    ...complaintsAbout(growthOf(samples)),
    ...await row.application() === application ? [] : ["the application was started again"],
    ...await leftFiles(row.owner, filesBefore),
    ...await row.complaints(count),
  ];
  console.log(`memory: at most ${peak(samples)} MiB; open files before: ${filesBefore}`);
  return complaints;
}

async function replaceOften(row: Row, traffic: Traffic, count: number): Promise<Sample[]> {
  const began = performance.now();
  const samples: Sample[] = [];
  await sleep(SERVE_MS);
  for (let rolls = 1; rolls <= count; rolls++) {
    await (rolls % 2 === 1 ? row.upgrade() : row.startNext());
    await traffic.tellReplaced();
    await sleep(SERVE_MS);
    const seconds = (performance.now() - began) / 1_000;
    const [memoryBytes, files] = [residentBytes(row.owner), openFiles(row.owner)];
    samples.push({ seconds, rolls, memoryBytes, files });
    const { ok, lived, restarted, failed } = total(traffic.report);
    console.log(
      `${seconds.toFixed(0).padStart(5)} s  ${`${rolls}`.padStart(3)} upgrades  ${ok} ok  ` +
        `${lived} lived  ${restarted} restarted  ${failed} failed  ${files} files`,
    );
  }
  return samples;
}

/** The liverolls that follow each other. */
class Row implements AsyncDisposable {
  readonly home = new Home();
  /** The one that serves. */
  owner = 0;
  readonly #flags = { ...FLAGS, handover: `${this.home.workspace.dir}/handover` };
  readonly #started: Liveroll[] = [];
  readonly #replaced: number[] = [];

  static async begin(): Promise<Row> {
    const row = new Row();
    row.#started.push(new Liveroll({ home: row.home, version: "v1", flags: row.#flags }));
    await row.#started[0]!.waitFor("roll.succeeded");
    row.owner = row.#started[0]!.pid;
    return row;
  }

  /** Which process the application is. */
  async application(): Promise<string> {
    return (await this.#started[0]!.ask("/pid")).text;
  }

  /** By the command. */
  async upgrade(): Promise<void> {
    const { code, stderr } = await verb(this.home.stateDir, "upgrade");
    if (code !== 0) throw new Error(`Cannot upgrade: ${stderr}`);
    using client = this.home.client();
    this.#follow((await client.status()).pid);
  }

  /** By starting another one. */
  async startNext(): Promise<void> {
    const next = new Liveroll({ home: this.home, flags: this.#flags });
    this.#started.push(next);
    await next.waitFor("instance.adopted");
    this.#follow(next.pid);
  }

  /** What was wrong with those who were replaced, after the traffic. */
  async complaints(count: number): Promise<string[]> {
    const isOver = () => this.#replaced.every((pid) => inspect(pid) === null);
    if (!await poll(isOver, { timeoutMs: RETIRE_MS })) return ["one that was replaced lives on"];
    const drained = this.#lines("handover.drained");
    const cut = drained.reduce((sum, line) => sum + Number(line.cut), 0);
    console.log(`replaced: ${drained.length}, all of them ended; cut at their drain limit: ${cut}`);
    const ends = await Promise.all(
      this.#started.map(({ ended, pid }) => pid === this.owner ? null : ended),
    );
    return [
      ...drained.length === count ? [] : [`${drained.length} of ${count} have drained`],
      ...ends.filter((end) => end !== null && end.code !== 0).map((end) =>
        `ended with ${end?.code}`
      ),
      ...["roll.started", "internal.error", "handover.failed", "instance.exited"]
        .flatMap((event) => this.#lines(event)).map(({ message }) => `somebody said: ${message}`)
        // The first version of all.
        .slice(1),
      ...this.home.children().size === 1 ? [] : ["there is more than one application"],
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    signal(this.owner, "SIGTERM");
    try {
      await poll(() => inspect(this.owner) === null, { timeoutMs: RETIRE_MS });
      for (const liveroll of this.#started.toReversed()) await liveroll[Symbol.asyncDispose]();
    } finally {
      this.home[Symbol.dispose]();
    }
  }

  #follow(pid: number): void {
    this.#replaced.push(this.owner);
    this.owner = pid;
  }

  #lines(event: string): LogLine[] {
    return this.#started.flatMap(({ log }) => log.lines.filter((line) => line.event === event));
  }
}

async function leftFiles(pid: number, before: number): Promise<string[]> {
  const isSettled = () => openFiles(pid) <= before + FILES_LEFT;
  if (await poll(isSettled, { timeoutMs: SETTLE_MS })) return [];
  return [`${openFiles(pid) - before} files left open`];
}

function peak(samples: readonly Sample[]): string {
  return (Math.max(...samples.map(({ memoryBytes }) => memoryBytes)) / 1_048_576).toFixed(1);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
