import { assert, assertEquals } from "@std/assert";
import { execProbe } from "../../../src/health/exec_probe.ts";
import type { CommandEnd, Inside } from "../../../src/health/inside.ts";
import { instanceAt } from "./instance.ts";

const NEVER = new AbortController().signal;

/** A runtime in which every command ends as `end` says. */
function inside(end: () => Promise<CommandEnd>, commands: string[] = []): Inside {
  return {
    run: (_instance, command) => {
      commands.push(command);
      return end();
    },
    notices: () => null,
  };
}

Deno.test("execProbe runs its command and is content with status 0", async () => {
  const commands: string[] = [];
  const runtime = inside(() => Promise.resolve({ code: 0, lastLine: "fine" }), commands);
  assertEquals(await execProbe("pg_isready", runtime)(instanceAt(1), NEVER), { healthy: true });
  assertEquals(commands, ["pg_isready"]);
});

Deno.test("execProbe says the status and the last line", async () => {
  const failing = inside(() => Promise.resolve({ code: 2, lastLine: "no response" }));
  const result = await execProbe("pg_isready", failing)(instanceAt(1), NEVER);
  assertEquals(result, { healthy: false, detail: "exit status 2: no response" });
  const mute = inside(() => Promise.resolve({ code: 1, lastLine: "" }));
  const silent = await execProbe("false", mute)(instanceAt(1), NEVER);
  assertEquals(silent, { healthy: false, detail: "exit status 1" });
});

Deno.test("execProbe does not count a command that outlived the instance", async () => {
  const runtime = inside(() => Promise.resolve({ code: 0, lastLine: "" }));
  const gone = { ...instanceAt(1), exit: { code: 1, signal: null } };
  const result = await execProbe("true", runtime)(gone, NEVER);
  assertEquals(result, { healthy: false, detail: "it has ended" });
});

Deno.test("execProbe never rejects, and tells a deadline from other ends", async () => {
  const broken = inside(() => Promise.reject(new Error("it has been stopped")));
  const stopped = await execProbe("x", broken)(instanceAt(1), NEVER);
  assertEquals(stopped, { healthy: false, detail: "it has been stopped" });
  const signal = AbortSignal.abort(new DOMException("", "TimeoutError"));
  const aborted = inside(() => Promise.reject(signal.reason));
  const late = await execProbe("x", aborted)(instanceAt(1), signal);
  assert(!late.healthy && late.detail.startsWith("no answer within"));
});
