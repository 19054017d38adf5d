import { assertEquals, assertMatch } from "@std/assert";
import type { EngineName } from "../../src/proxy/engines.ts";
import { FETCH, item, RELAY } from "./item.ts";
import { head, RawConnection } from "./raw.ts";
import { until } from "./rig.ts";

/** Enough for the runtime and some ten requests. */
const MAX_FILES = 60;
const START_LIMIT_MS = 20_000;
const PROGRAM = new URL("few_files.ts", import.meta.url).pathname;

/** A proxy in a process that has few file descriptors. */
class Hungry implements AsyncDisposable {
  /** What it printed: its port, then errors. */
  readonly lines: string[] = [];
  #child: Deno.ChildProcess;
  #reading: Promise<void>;

  constructor(engine: EngineName) {
    const run = `ulimit -n ${MAX_FILES}; exec "$0" "$@"`;
    this.#child = new Deno.Command("sh", {
      args: ["-c", run, Deno.execPath(), "run", "-A", "--cached-only", PROGRAM, engine],
      stdout: "piped",
    }).spawn();
    this.#reading = this.#read();
  }

  async port(): Promise<number> {
    await until(() => this.lines.length > 0, "the port", START_LIMIT_MS);
    return Number(this.lines[0]);
  }

  async #read(): Promise<void> {
    let rest = "";
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      this.lines.push(...lines);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await Promise.all([this.#reading, this.#child.status]);
  }
}

item(67, "without file descriptors it waits, with them it serves again", RELAY, async (engine) => {
  await using hungry = new Hungry(engine);
  const port = await hungry.port();
  const clients = [];
  for (let i = 0; i < 2 * MAX_FILES; i++) clients.push(await RawConnection.open(port));
  await until(() => hungry.lines.length > 1, "the error");
  assertMatch(hungry.lines[1] ?? "", /too many open files/i);
  for (const client of clients.slice(1)) client.close();
  for (const client of [clients[0], await RawConnection.open(port)]) {
    await client?.write(head("GET /", "Connection: close"));
    assertMatch(await client?.readAll() ?? "", /^HTTP\/1.1 200 .*\r\n\r\nok$/s);
    client?.close();
  }
  assertEquals(hungry.lines.length <= 3, true, hungry.lines.join());
});

item(67, "without file descriptors it stops, with them it listens again", FETCH, async (engine) => {
  await using hungry = new Hungry(engine);
  const port = await hungry.port();
  const clients = [];
  for (let i = 0; i < 2 * MAX_FILES; i++) clients.push(await tryToOpen(port));
  for (const client of clients) client?.close();
  let answer = "";
  while (answer === "") {
    await using client = await tryToOpen(port);
    await client?.write(head("GET /", "Connection: close")).catch(() => {});
    answer = await client?.readAll() ?? "";
  }
  assertMatch(answer, /^HTTP\/1.1 200 .*\r\n\r\nok$/s);
});

function tryToOpen(port: number): Promise<RawConnection | null> {
  return RawConnection.open(port).catch(() => null);
}
