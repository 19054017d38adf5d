import { assert, assertEquals, assertMatch } from "@std/assert";
import { PATIENCE_MS } from "../helpers/event_log.ts";
import { inTime } from "../helpers/in_time.ts";
import { inspect, processesWith, signal } from "../helpers/proc.ts";
import { linux, needs } from "../helpers/skip.ts";

const DEMO = new URL("../../scripts/demo.ts", import.meta.url).pathname;
const COOKIE = "DEMO_TEST_COOKIE";

/** A demo, its lines as they come, and a directory for everything temporary. */
class RunningDemo implements AsyncDisposable {
  readonly directory = Deno.makeTempDirSync({ prefix: "demo-test-" });
  readonly #cookie = crypto.randomUUID();
  readonly #child: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #text = "";

  constructor(...args: string[]) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--cached-only", DEMO, ...args],
      env: { [COOKIE]: this.#cookie, TMPDIR: this.directory },
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#lines = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Reads on until the output so far matches. @throws {Error} When it does not in time. */
  async says(pattern: RegExp): Promise<void> {
    const wait = async () => {
      while (!pattern.test(this.#text)) {
        const { value, done } = await this.#lines.read();
        assert(!done, `Cannot see ${pattern} before the end of:\n${this.#text}`);
        this.#text += value;
      }
    };
    await inTime(`${pattern}`, wait(), { soFar: () => this.#text });
  }

  /** Waits for the end; @returns the exit code and the whole output. @throws {Error} Too late. */
  async end(): Promise<{ code: number; text: string }> {
    const wait = async () => {
      for (let piece; !(piece = await this.#lines.read()).done;) this.#text += piece.value;
      return await this.#child.status;
    };
    const timeoutMs = 2 * PATIENCE_MS;
    const { code } = await inTime("the end", wait(), { timeoutMs, soFar: () => this.#text });
    return { code, text: this.#text };
  }

  /** Everything that it started and that lives, itself included. */
  processes(): string[] {
    return processesWith(COOKIE, this.#cookie).map(({ pid, command }) => `${pid} ${command}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { pid } of processesWith(COOKIE, this.#cookie)) signal(pid, "SIGKILL");
    await this.#lines.cancel();
    await this.#child.status;
    Deno.removeSync(this.directory, { recursive: true });
  }
}

Deno.test({
  name: "the demo rolls without a failed request, ends by itself and leaves nothing behind",
  ...needs(linux()),
  async fn() {
    await using demo = new RunningDemo("--plain", "--seconds", "6", "--every", "1");
    const { code, text } = await demo.end();
    assertMatch(text, /^[1-9]\d* rolls?, \d+ bad versions? refused, [1-9]\d* requests, 0 failed$/m);
    assertMatch(text, /all requests go to v2 now/);
    assertEquals(code, 0, text);
    assertEquals(demo.processes(), []);
    assertEquals([...Deno.readDirSync(demo.directory)], []);
  },
});

Deno.test({
  name: "Ctrl-C ends the demo, its liveroll and its app, though it may come twice",
  ...needs(linux()),
  async fn() {
    await using demo = new RunningDemo("--plain", "--every", "60");
    await demo.says(/all requests go to v1 now/);
    assert(demo.processes().length >= 3);
    signal(demo.pid, "SIGINT");
    signal(demo.pid, "SIGINT");
    const { code, text } = await demo.end();
    assertMatch(text, /^0 rolls, 0 bad versions refused, \d+ requests?, 0 failed$/m);
    assertEquals(code, 0, text);
    assertEquals(demo.processes(), []);
    assertEquals(inspect(demo.pid), null);
    assertEquals([...Deno.readDirSync(demo.directory)], []);
  },
});
