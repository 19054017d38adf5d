import { assertEquals } from "@std/assert";
import {
  CALL_VARIABLE,
  endLeftOverCalls,
} from "../../../../src/compose/program/left_over_calls.ts";

function call(mark: string, ...words: [string, ...string[]]): Deno.ChildProcess {
  const [command, ...args] = words;
  return new Deno.Command(command, { args, env: { [CALL_VARIABLE]: mark }, stdin: "piped" })
    .spawn();
}

Deno.test("calls that were left behind are waited for", async () => {
  const mark = crypto.randomUUID();
  const child = call(mark, "cat");
  const told: number[] = [];
  const onLeft = (count: number) => {
    told.push(count);
    void child.stdin.close();
  };
  await endLeftOverCalls(mark, { onLeft });
  assertEquals([told, (await child.status).code], [[1], 0]);
});

Deno.test("those that take too long are killed, and nobody else", async () => {
  const [mark, other] = [crypto.randomUUID(), crypto.randomUUID()];
  const [mine, foreign] = [call(mark, "cat"), call(other, "cat")];
  await endLeftOverCalls(mark, { graceMs: 1 });
  assertEquals((await mine.status).signal, "SIGKILL");
  await foreign.stdin.close();
  assertEquals((await foreign.status).code, 0);
  await mine.stdin.close().catch(() => {});
});

Deno.test("without any, nothing is waited for", async () => {
  const told: number[] = [];
  await endLeftOverCalls(crypto.randomUUID(), { onLeft: (count) => void told.push(count) });
  assertEquals(told, []);
});
