import { assertEquals } from "@std/assert";
import { type EngineName, ENGINES } from "../../../src/proxy/engines.ts";
import { startProxy } from "../rig.ts";
import { readAnswers } from "./answer_reader.ts";
import { converse, leave } from "./conversation.ts";
import { CORPUS } from "./corpus/corpus.ts";
import { ascii, Recorder } from "./recorder.ts";
import { message, request } from "./request_case.ts";

const ATTACKERS = 8;
const BYSTANDERS = 4;

/** Every n-th case is this attacker's. */
async function attack(port: number, n: number): Promise<void> {
  for (let at = n; at < CORPUS.length; at += ATTACKERS) {
    const { bytes, end, messages } = CORPUS[at] as typeof CORPUS[number];
    if (end === "incomplete") await leave(port, bytes, messages.length);
    else await converse(port, bytes + request("GET /attacker", ["Connection: close"]));
  }
}

/** Asks on kept and on new connections until `done`; @returns what went wrong. */
async function askOn(port: number, n: number, done: () => boolean): Promise<string[]> {
  const problems: string[] = [];
  for (let round = 0; !done(); round++) {
    const asked = [0, 1, 2].map((k) =>
      message(k === 1 ? "POST" : "GET", k === 1 ? `body ${n}` : "", `/own-${n}-${round}-${k}`)
    );
    const bytes = asked.map(({ method, target, body }, k) => {
      const length = method === "POST" ? [`Content-Length: ${body.length}`] : [];
      return request(
        `${method} ${target}`,
        [...length, ...k === 2 ? ["Connection: close"] : []],
        body,
      );
    });
    const heard = await converse(port, bytes.join(""));
    const got = readAnswers(heard.bytes, []).answers.map(({ body }) => body);
    if (got.join() !== asked.map(ascii).join()) {
      problems.push(`${asked[0]?.target}: ${heard.bytes}`);
    }
  }
  return problems;
}

for (const engine of Object.keys(ENGINES) as EngineName[]) {
  if (engine as string !== "relay") continue;
  Deno.test(`item 61 [${engine}] bystanders get their own answers while others attack`, async () => {
    await using recorder = new Recorder();
    const proxy = startProxy({ engine });
    proxy.replace([{ key: "a", host: "127.0.0.1", port: recorder.port, alive: () => true }]);
    let over = false;
    const bystanders = Array.from(
      { length: BYSTANDERS },
      (_, n) => askOn(proxy.port, n, () => over),
    );
    await Promise.all(Array.from({ length: ATTACKERS }, (_, n) => attack(proxy.port, n)));
    over = true;
    const problems = (await Promise.all(bystanders)).flat();
    await proxy.shutdown({ drainTimeoutMs: 1000 });
    assertEquals([...problems, ...recorder.faults], []);
    assertEquals(recorder.records.filter(({ target }) => target === "/hidden"), []);
  });
}
