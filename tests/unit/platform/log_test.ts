import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { configureLog, getLog, isJournal } from "../../../src/platform/log.ts";

function memory() {
  const decoder = new TextDecoder();
  const output = {
    text: "",
    write(bytes: Uint8Array) {
      output.text += decoder.decode(bytes);
      return Promise.resolve(bytes.length);
    },
  };
  return output;
}

Deno.test("getLog writes to whatever is configured, and nowhere otherwise", async () => {
  const log = getLog("roll");
  log.error("before");
  const out = memory();
  const handle = configureLog({ level: "info", format: "json", out });
  log.info("during", { event: "roll.switched", port: 9101 });
  await handle.close();
  log.error("after");
  const { time, ...record } = JSON.parse(out.text);
  assert(Math.abs(Date.parse(time) - Date.now()) < 60_000);
  assertEquals(record, {
    level: "info",
    logger: "roll",
    message: "during",
    event: "roll.switched",
    port: 9101,
  });
});

Deno.test("configureLog leaves out what is less severe than asked for", async () => {
  const out = memory();
  const handle = configureLog({ level: "warn", format: "journald", out });
  const log = getLog("x");
  log.debug("d");
  log.info("i");
  log.warn("w");
  log.error("e");
  await handle.close();
  assertEquals(out.text, "<4>x: w\n<3>x: e\n");
});

Deno.test("a message is text, whatever braces it contains", async () => {
  const out = memory();
  const handle = configureLog({ level: "debug", format: "journald", out });
  getLog("child").debug('{"id": {port}} {{x}}', { id: "v1", port: 1 });
  await handle.close();
  assertEquals(out.text, '<7>v1@1 | {"id": {port}} {{x}}\n');
});

Deno.test("configureLog can be called again", async () => {
  const [first, second] = [memory(), memory()];
  const one = configureLog({ level: "info", format: "text", out: first });
  const two = configureLog({ level: "info", format: "text", out: second });
  getLog("x").info("hello");
  await two.close();
  await one.close();
  assertEquals(first.text, "");
  assertStringIncludes(second.text, "INFO  x: hello\n");
});

Deno.test("close does not wait for a reader that stalls", async () => {
  const stalled = { write: () => new Promise<number>(() => {}) };
  const handle = configureLog({ level: "info", format: "text", out: stalled });
  getLog("x").info("hello");
  await handle.close(10);
});

Deno.test("isJournal compares the journal's socket with our standard error", () => {
  assert(!isJournal(undefined));
  assert(!isJournal("1:1"));
  if (Deno.build.os !== "linux") return;
  const { dev, ino } = Deno.statSync("/proc/self/fd/2");
  assert(isJournal(`${dev}:${ino}`));
});
