import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { type AccessLogOptions, openAccessLog } from "../../../src/proxy/access_log_file.ts";
import { poll } from "../../../src/platform/poll.ts";
import { accessEntry } from "./access_entry.ts";

const PATIENCE_MS = 10_000;

/** A directory for one test, and the errors that were told. */
async function withLog(
  test: (path: string, told: string[], options: AccessLogOptions) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  const told: string[] = [];
  const path = `${dir}/access.log`;
  const onError = ({ message }: Error) => void told.push(message);
  try {
    await test(path, told, { path, format: "json", onError });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function targets(text: string): string[] {
  return text.trimEnd().split("\n").map((line) => JSON.parse(line).target);
}

function appears(path: string, text: string): Promise<boolean> {
  const check = () => Deno.readTextFile(path).then((read) => read.includes(text), () => false);
  return poll(check, { timeoutMs: PATIENCE_MS });
}

Deno.test("entries are appended to what is there, and are there without a close", () =>
  withLog(async (path, told, options) => {
    await Deno.writeTextFile(path, "before\n");
    const log = await openAccessLog({ ...options, format: "combined" });
    log.record(accessEntry({ target: "/one" }));
    assertEquals(await appears(path, "/one"), true);
    await log.close();
    assertMatch(await Deno.readTextFile(path), /^before\n.*\/one.*\n$/);
    assertEquals(told, []);
  }));

Deno.test("close() writes what is queued; what comes later is nobody's", () =>
  withLog(async (path, told, options) => {
    const log = await openAccessLog(options);
    for (const target of ["/1", "/2", "/3"]) log.record(accessEntry({ target }));
    await log.close();
    log.record(accessEntry({ target: "/late" }));
    await log.close();
    assertEquals(targets(await Deno.readTextFile(path)), ["/1", "/2", "/3"]);
    assertEquals([told, log.dropped], [[], 0]);
  }));

Deno.test("others cannot read the file", () =>
  withLog(async (path, _told, options) => {
    const log = await openAccessLog(options);
    await log.close();
    assertEquals((await Deno.stat(path)).mode! & 0o007, 0);
  }));

Deno.test("a file that was moved away is made anew, at once when asked", () =>
  withLog(async (path, told, options) => {
    const log = await openAccessLog(options);
    log.record(accessEntry({ target: "/old" }));
    assertEquals(await appears(path, "/old"), true);
    await Deno.rename(path, `${path}.1`);
    await log.reopen();
    log.record(accessEntry({ target: "/new" }));
    await log.close();
    assertEquals(targets(await Deno.readTextFile(path)), ["/new"]);
    assertEquals(targets(await Deno.readTextFile(`${path}.1`)), ["/old"]);
    assertEquals(told, []);
  }));

Deno.test("a file that was moved away is noticed without being asked", () =>
  withLog(async (path, _told, options) => {
    const log = await openAccessLog(options);
    await Deno.rename(path, `${path}.1`);
    const isNoticed = async () => {
      log.record(accessEntry());
      return await appearsNow(path);
    };
    assertEquals(await poll(isNoticed, { timeoutMs: PATIENCE_MS }), true);
    await log.close();
  }));

function appearsNow(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}

Deno.test("a file that cannot be made anew is told of, and the old one is used on", () =>
  withLog(async (path, told, options) => {
    const log = await openAccessLog(options);
    await Deno.rename(path, `${path}.1`);
    await Deno.mkdir(path);
    await log.reopen();
    log.record(accessEntry({ target: "/still" }));
    await log.close();
    assertEquals(targets(await Deno.readTextFile(`${path}.1`)), ["/still"]);
    assertMatch(told.join(), /^Cannot open access log \S+: Is a directory/);
  }));

Deno.test("openAccessLog() names the file that cannot be opened", () =>
  withLog(async (path, _told, options) => {
    const missing = `${path}/not/there`;
    const error = await assertRejects(() => openAccessLog({ ...options, path: missing }), Error);
    assertMatch(error.message, /^Cannot open access log \S+\/not\/there: No such file/);
  }));

Deno.test("a full disk is told of once", async () => {
  const told: string[] = [];
  const onError = ({ message }: Error) => void told.push(message);
  const log = await openAccessLog({ path: "/dev/full", format: "json", onError });
  for (let i = 0; i < 3; i++) {
    const before = log.dropped;
    log.record(accessEntry());
    assertEquals(await poll(() => log.dropped > before, { timeoutMs: PATIENCE_MS }), true);
  }
  assertEquals(told.length, 1);
  assertMatch(told.join(), /^Cannot write access log: No space left on device/);
  await log.close();
  assertEquals(told.slice(1), ["Cannot complete the access log: 3 entries were dropped"]);
});

Deno.test("a file that cannot be made anew is told of once, however often it is tried", () =>
  withLog(async (path, told, options) => {
    const log = await openAccessLog(options);
    await Deno.rename(path, `${path}.1`);
    await Deno.mkdir(path);
    for (let i = 0; i < 3; i++) await log.reopen();
    assertEquals(told.length, 1);
    await Deno.remove(path);
    await log.reopen();
    await Deno.rename(path, `${path}.2`);
    await Deno.mkdir(path);
    await log.reopen();
    assertEquals(told.length, 2);
    await log.close();
  }));

Deno.test("a pipe with a name gets entries again when its next reader comes", () =>
  withLog(async (path, told, options) => {
    const { success } = await new Deno.Command("mkfifo", { args: [path] }).output();
    assertEquals(success, true);
    const first = Deno.open(path, { read: true });
    const log = await openAccessLog(options);
    (await first).close();
    log.record(accessEntry({ target: "/lost" }));
    assertEquals(await poll(() => log.dropped === 1, { timeoutMs: PATIENCE_MS }), true);
    assertMatch(told.join(), /^Cannot write access log: Broken pipe/);
    const reading = Deno.readTextFile(path);
    const isThere = await Deno.open(path, { write: true });
    log.record(accessEntry({ target: "/read" }));
    await log.close();
    isThere.close();
    assertEquals(targets(await reading), ["/read"]);
    assertEquals(told.slice(1), ["Cannot complete the access log: 1 entries were dropped"]);
  }));

Deno.test("a reader that stalls makes nobody wait: entries are dropped, and counted", () =>
  withLog(async (path, told, options) => {
    const { success } = await new Deno.Command("mkfifo", { args: [path] }).output();
    assertEquals(success, true);
    // For reading and writing, so that nobody waits for anybody.
    using reader = await Deno.open(path, { read: true, write: true });
    const log = await openAccessLog({ ...options, maxQueued: 100_000 });
    const entry = accessEntry({ target: `/${"x".repeat(1000)}` });
    const total = 1_000;
    for (let i = 0; i < total; i++) log.record(entry);
    assertEquals(log.dropped > 0, true);
    assertEquals(told, ["Cannot keep up with the access log: entries are dropped"]);

    let text = "";
    const read = async () => {
      const buffer = new Uint8Array(65_536);
      const count = await reader.read(buffer) ?? 0;
      text += new TextDecoder().decode(buffer.subarray(0, count));
      return text.split("\n").length - 1 >= total - log.dropped;
    };
    while (!await read());
    assertEquals(text.split("\n").length - 1, total - log.dropped);
    const closing = log.close();
    await closing;
    assertEquals(told[1], `Cannot complete the access log: ${log.dropped} entries were dropped`);
    assertEquals(told.length, 2);
  }));
