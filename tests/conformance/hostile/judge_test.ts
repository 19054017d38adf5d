import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readAnswers } from "./answer_reader.ts";
import { type Answers, type Course, judge } from "./judge.ts";
import { ascii, type Seen } from "./recorder.ts";
import { accepted, type Message, message, refused } from "./request_case.ts";

const MARKER = message("GET", "", "/marker-a");
const SECOND = message("GET", "", "/marker-b");
const POST = message("POST", "hello");
const HIDDEN = message("GET", "", "/hidden");
const STRICT = { strict: true, exact: true };

function heard(...messages: (Message | number)[]): Answers {
  const bytes = messages.map((one) => {
    const [status, body] = typeof one === "number" ? [one, ""] : [200, ascii(one)];
    return `HTTP/1.1 ${status} X\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  });
  return { ...readAnswers(bytes.join(""), []), end: "closed" };
}

function saw(...messages: Message[]): Seen[] {
  return messages.map((one) => ({ ...one, names: [] }));
}

/** A case with one `POST` that went well, but for `changes`. */
function problems(changes: Partial<Course>): readonly string[] {
  const course: Course = {
    marker: MARKER,
    secondMarker: SECOND,
    seen: saw(POST, MARKER),
    markerSeen: true,
    first: heard(POST, MARKER),
    second: heard(SECOND),
    ...changes,
  };
  return judge(accepted("a case", "", [POST]), course, STRICT).problems;
}

function problemsOfRefusal(changes: Partial<Course>): readonly string[] {
  const first = heard(400);
  const course = { marker: MARKER, secondMarker: SECOND, seen: [], markerSeen: true, first };
  return judge(refused("a case", ""), { ...course, second: heard(SECOND), ...changes }, STRICT)
    .problems;
}

Deno.test("what goes well is no problem", () => {
  assertEquals(problems({}), []);
  assertEquals(problemsOfRefusal({}), []);
});

const DECEPTIONS: Record<string, Partial<Course>> = {
  "one message seen as two": { seen: saw(POST, HIDDEN, MARKER) },
  "one message seen as two, and both answered": {
    seen: saw(POST, HIDDEN, MARKER),
    first: heard(POST, HIDDEN, MARKER),
  },
  "another boundary": { seen: saw({ ...POST, body: "hell" }, MARKER) },
  "another target": { seen: saw({ ...POST, target: "/d" }, MARKER) },
  "another method": { seen: saw({ ...POST, method: "PUT" }, MARKER) },
  "another order": { seen: saw(MARKER, POST) },
  "a swallowed marker": { seen: saw(POST), first: heard(POST) },
  "a marker with another's answer": { first: heard(POST, HIDDEN) },
  "another client with somebody's answer": { second: heard(HIDDEN) },
  "another client with an error": { second: heard(400) },
  "another client's request swallowed": { markerSeen: false },
  "an answer too many": { first: heard(POST, MARKER, HIDDEN) },
  "a connection without an end": { first: { ...heard(POST, MARKER), end: "silent" } },
  "an answer lost by a reset": { first: { ...heard(POST, MARKER), end: "reset" } },
};

for (const [what, changes] of Object.entries(DECEPTIONS)) {
  Deno.test(`${what} is a problem`, () => {
    assert(problems(changes).length > 0);
  });
}

Deno.test("what should be refused and is not is a problem, with or without an application", () => {
  assert(problemsOfRefusal({ first: heard(POST), seen: saw(POST) }).length > 0);
  assert(problemsOfRefusal({ first: heard(500) }).length > 0);
  assert(problemsOfRefusal({ first: heard() }).length > 0);
  assert(problemsOfRefusal({ seen: saw(HIDDEN) }).length > 0);
  const both = problemsOfRefusal({ first: heard(400, MARKER), seen: saw(MARKER) });
  assertStringIncludes(both.join(), "not refused");
});

Deno.test("a name that must not get through is a problem", () => {
  const one = accepted("a case", "", [POST], { without: ["x-hop"] });
  const seen = [{ ...POST, names: ["x-hop"] }, ...saw(MARKER)];
  const first = heard(POST, MARKER);
  const course = { marker: MARKER, secondMarker: SECOND, markerSeen: true, first };
  const verdict = judge(one, { ...course, seen, second: heard(SECOND) }, STRICT);
  assertEquals(verdict.problems, ["x-hop reached the application"]);
});
