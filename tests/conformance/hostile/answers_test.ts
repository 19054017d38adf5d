import { assertEquals } from "@std/assert";
import { type EngineName, ENGINES } from "../../../src/proxy/engines.ts";
import { ok, RawUpstream } from "../raw.ts";
import { startProxy } from "../rig.ts";
import { type AnswerCase, ASK_HEAD } from "./answer_case.ts";
import { type AnswersRead, readAnswers } from "./answer_reader.ts";
import { FRAMING } from "./answers/framing.ts";
import { HEADS } from "./answers/heads.ts";
import { INTERIM } from "./answers/interim.ts";
import { converse } from "./conversation.ts";
import { request } from "./request_case.ts";

const CLASSES: Record<string, readonly AnswerCase[]> = { HEADS, INTERIM, FRAMING };

/** Framing and routing come in heads only (RFC 9110, 6.5.1). */
const NEVER_TRAILERS = ["content-length", "transfer-encoding", "connection", "host", "trailer"];

/** With these, `fetch` waits for what never comes. */
const ENDLESS = /endless|9007199254740993|FFFFFFFFFFFFFFFF/;

/** Answers `/case` as the case says, everything else with its own target. */
function application(current: () => AnswerCase): RawUpstream {
  return new RawUpstream(async (conn) => {
    for (let head = await conn.readHead(); head !== null; head = await conn.readHead()) {
      const target = head.split(" ")[1] ?? "";
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
      await conn.readExactly(length);
      await conn.write(target === "/case" ? current().bytes : ok(target));
      if (target === "/case" && current().closes) return;
    }
  });
}

/** What went wrong; `strict`: compared with what the case says. */
async function run(port: number, one: AnswerCase, n: number, strict: boolean): Promise<string[]> {
  const [sameMarker, otherMarker] = [`/marker-${n}a`, `/marker-${n}b`];
  const ask = (target: string) => request(`GET ${target}`, ["Connection: close"]);
  const first = await converse(port, one.request + ask(sameMarker));
  const second = await converse(port, ask(otherMarker));
  const read = readAnswers(first.bytes, [one.request === ASK_HEAD ? "HEAD" : "GET"]);
  const problems: string[] = [];
  if (readAnswers(second.bytes, []).answers[0]?.body !== otherMarker) {
    problems.push(`another client got ${JSON.stringify(second.bytes.slice(0, 300))}`);
  }
  // The marker may stay unanswered when the connection ended.
  const next = read.answers.slice(1).map(({ body }) => body);
  if (next.length > 0 && next.join() !== sameMarker) problems.push(`the next answer: ${next}`);
  const isCut = read.answers[0]?.complete === false;
  if (isCut && first.bytes.includes(sameMarker)) problems.push("more came after a broken answer");
  if (first.end === "silent") problems.push("the client is left waiting");
  if (strict) problems.push(...deviations(one, read));
  return problems.map((problem) => `${one.name}: ${problem}`);
}

function deviations(one: AnswerCase, { answers, junk }: AnswersRead): string[] {
  const [answer] = answers;
  const got = JSON.stringify(answer ?? junk).slice(0, 500);
  const isBad = answer?.status === 502 && answer.complete;
  const isGood = answer?.status === one.status && answer.complete && answer.body === one.body;
  const isBroken = answer === undefined ? junk === "" : !answer.complete && answers.length === 1;
  const verdict = {
    bad: isBad,
    answer: isGood,
    either: isBad || isGood,
    broken: isBroken || isBad,
  }[one.end];
  const problems = verdict ? [] : [`expected ${one.end}, got ${got}`];
  if (junk !== "") problems.push(`junk ${JSON.stringify(junk.slice(0, 200))}`);
  const leaked = [
    ...one.without.filter((name) => answer?.fields.some(([other]) => other === name)),
    ...NEVER_TRAILERS.filter((name) => answer?.trailers.includes(name)),
  ];
  if (leaked.length > 0) problems.push(`${leaked.join()} reached the client`);
  return problems;
}

const STRICT: Partial<Record<string, boolean>> = { relay: true, fetch: false };

for (const engine of Object.keys(ENGINES) as EngineName[]) {
  const strict = STRICT[engine];
  if (strict === undefined) continue;
  for (const [name, all] of Object.entries(CLASSES)) {
    const cases = strict ? all : all.filter(({ name }) => !ENDLESS.test(name));
    Deno.test(`R7 item 36 item 37 item 38 [${engine}] hostile answers reach nobody else: ${name.toLowerCase()}`, async () => {
      let current = cases[0] as AnswerCase;
      await using upstream = application(() => current);
      const proxy = startProxy({ engine });
      proxy.replace([{ key: "a", host: "127.0.0.1", port: upstream.port, alive: () => true }]);
      const problems: string[] = [];
      for (const [n, one] of cases.entries()) {
        current = one;
        problems.push(...await run(proxy.port, one, n, strict));
      }
      console.log(`${engine}: ${cases.length} answers, ${problems.length} problems`);
      await proxy.shutdown({ drainTimeoutMs: 1000 });
      assertEquals(problems, []);
    });
  }
}
