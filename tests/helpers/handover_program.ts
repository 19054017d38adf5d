import { deadline } from "@std/async/deadline";
import type { Script } from "../apps/handover/peer.ts";
import type { Plan } from "../apps/handover/plan.ts";
import { PATIENCE_MS } from "./event_log.ts";

const APPS = new URL("../apps/handover/", import.meta.url).pathname;

/** The programs in tests/apps/handover. */
export type ProgramName = "with_node_http" | "with_sockets" | "peer";

/** A process that takes part in hand-overs, and says how far it has come. */
export class HandoverProgram implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #said: string[] = [];
  readonly #reading: Promise<void>;
  #onLine: () => void = () => {};
  #ended = false;

  /** @param launcher A command that starts the program in its place. */
  constructor(name: ProgramName, plan: Plan, { script, launcher = [] }: {
    script?: Script;
    launcher?: string[];
  } = {}) {
    const flags = ["run", "-A", "--no-config", "--no-lock", "--no-check"];
    const args = [`${APPS}${name}.ts`, JSON.stringify(plan), JSON.stringify(script ?? {})];
    const [command = "", ...rest] = [...launcher, Deno.execPath(), ...flags, ...args];
    this.#child = new Deno.Command(command, { args: rest, stdin: "piped", stdout: "piped" })
      .spawn();
    this.#reading = this.#read();
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** What it said so far. */
  get said(): readonly string[] {
    return this.#said;
  }

  /** Resolves when it has said `line`. @throws When it ends before, or the time is up. */
  async says(line: string): Promise<void> {
    const wait = async () => {
      while (!this.#said.includes(line)) {
        if (this.#ended) throw new Error(`It ended without "${line}", after ${this.#said}`);
        await new Promise<void>((resolve) => this.#onLine = resolve);
      }
    };
    await deadline(wait(), PATIENCE_MS);
  }

  /** Lets it be ready that was told to hold. */
  async letGo(): Promise<void> {
    const writer = this.#child.stdin.getWriter();
    await writer.write(new Uint8Array([10]));
    writer.releaseLock();
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** How it ended: its exit code, or the name of the signal. */
  async ended(): Promise<number | string> {
    const { code, signal } = await deadline(this.#child.status, PATIENCE_MS);
    await this.#reading;
    return signal ?? code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.kill();
    } catch {
      // It has ended.
    }
    await this.#child.stdin.abort().catch(() => {});
    await this.#child.status;
    await this.#reading;
  }

  async #read(): Promise<void> {
    let rest = "";
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      this.#said.push(...lines);
      this.#onLine();
    }
    this.#ended = true;
    this.#onLine();
  }
}
