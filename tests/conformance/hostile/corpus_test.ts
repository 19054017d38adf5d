import { assert, assertEquals } from "@std/assert";
import { FRAMING } from "./answers/framing.ts";
import { HEADS } from "./answers/heads.ts";
import { INTERIM } from "./answers/interim.ts";
import { CORPUS } from "./corpus/corpus.ts";
import { readRequests } from "./reference.ts";
import { type Message, message, request, type RequestCase } from "./request_case.ts";

/**
 * What we decide beyond framing, so that the reference reader does not: sizes, what a target may
 * be, and what the fields for the next hop may say.
 */
const OUR_RULES =
  /KiB|MiB|bytes\)|many extensions|300 trailers|thousand fields|Connection|CONNECT|Expect|expectations|target|OPTIONS \*|POST \*|PRI in/;

const NEXT = message("GET", "", "/next");

/** What the reference reader makes of a case; null for a fault. */
function reading(one: RequestCase): { messages: Message[]; fault: boolean } {
  const next = one.end === "incomplete" ? "" : request("GET /next");
  const { requests, fault } = readRequests(one.bytes + next, "client");
  const messages = requests.map(({ method, target, body }) => ({ method, target, body }));
  return { messages, fault: fault !== null };
}

function agrees(one: RequestCase): boolean {
  const { messages, fault } = reading(one);
  const begin = messages.slice(0, one.messages.length);
  const exactly = (expected: readonly Message[]) =>
    !fault && JSON.stringify(messages) === JSON.stringify(expected);
  switch (one.end) {
    case "open":
      return exactly([...one.messages, NEXT]);
    case "either":
      return fault || exactly([...one.messages, NEXT]);
    case "incomplete":
      return exactly(one.messages);
    case "refused":
      return fault && JSON.stringify(messages) === JSON.stringify(one.messages);
    case "closes":
      return JSON.stringify(begin) === JSON.stringify(one.messages);
  }
}

Deno.test("the hostile corpus is large, and every case has a name of its own", () => {
  assert(CORPUS.length >= 900, `${CORPUS.length} requests`);
  const answers = [...HEADS, ...INTERIM, ...FRAMING];
  assert(answers.length >= 200, `${answers.length} answers`);
  for (const cases of [CORPUS, answers]) {
    const names = cases.map(({ name }) => name);
    assertEquals(names.filter((name, n) => names.indexOf(name) !== n), []);
  }
});

Deno.test("a slow strict reader of RFC 9112 agrees with the hostile corpus", () => {
  const doubtful = CORPUS.filter((one) => !OUR_RULES.test(one.name) && !agrees(one));
  assertEquals(doubtful.map(({ name }) => name), []);
});
