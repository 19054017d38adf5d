import { assert, assertEquals, assertGreater } from "@std/assert";

const FLOOD = new URL("log_flood.ts", import.meta.url).pathname;
const LINES = 5_000;

function flood(closeMs: number): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--frozen", FLOOD, String(LINES), String(closeMs)],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function tell(child: Deno.ChildProcess): Promise<void> {
  const writer = child.stdin.getWriter();
  await writer.write(new Uint8Array([10]));
  await writer.close();
}

async function chunk(stream: ReadableStream<Uint8Array>): Promise<string> {
  const reader = stream.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return new TextDecoder().decode(value);
}

Deno.test("a stalled reader of the log freezes neither the event loop nor the exit", async () => {
  const child = flood(50);
  // With synchronous writes the child would hang before it says so.
  assertEquals(await chunk(child.stdout), "alive\n");
  await tell(child);
  assertGreater(Number(await chunk(child.stdout)), 0);
  assertEquals((await child.status).code, 0);
  await child.stdout.cancel();
  await child.stderr.cancel();
});

Deno.test("a reader of the log that recovers learns how many lines it missed", async () => {
  const child = flood(60_000);
  assertEquals(await chunk(child.stdout), "alive\n");
  const log = new Response(child.stderr).text();
  await tell(child);
  const dropped = Number(await chunk(child.stdout));
  await child.status;
  await child.stdout.cancel();
  const records = (await log).trimEnd().split("\n").map((line) => JSON.parse(line));
  const reported = records
    .filter(({ event }) => event === "log.dropped")
    .reduce((sum, { count }) => sum + count, 0);
  assertGreater(dropped, 0);
  assertEquals(reported, dropped);
  const written = records.filter(({ logger }) => logger === "flood").length;
  assertEquals(written + dropped, LINES + 1);
});

Deno.test("a log that nobody reads any more does not end the program", async () => {
  const child = flood(1_000);
  await child.stderr.cancel();
  assertEquals(await chunk(child.stdout), "alive\n");
  await tell(child);
  assertGreater(Number(await chunk(child.stdout)), 0);
  const status = await child.status;
  assert(status.success);
  assertEquals(status.signal, null);
  await child.stdout.cancel();
});
