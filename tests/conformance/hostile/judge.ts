import type { AnswersRead, ReadAnswer } from "./answer_reader.ts";
import type { Heard } from "./conversation.ts";
import { ascii, type Seen } from "./recorder.ts";
import type { Message, RequestCase } from "./request_case.ts";

/** What one connection of a client came to. */
export type Answers = AnswersRead & { readonly end: Heard["end"] };

/** Everything that was observed of one case. */
export interface Course {
  /** The request that followed on the same connection. */
  readonly marker: Message;
  /** The request that followed on a connection of its own. */
  readonly secondMarker: Message;
  /** What the application saw before the second marker. */
  readonly seen: readonly Seen[];
  readonly markerSeen: boolean;
  readonly first: Answers;
  readonly second: Answers;
}

/** How a case without problems ended; `answered otherwise`: by an error of the application. */
export const OUTCOMES = [
  "refused",
  "as expected",
  "answered otherwise",
  "left incomplete",
] as const;

/** One of {@linkcode OUTCOMES}. */
export type Outcome = (typeof OUTCOMES)[number];

/** How strict to be. */
export interface JudgeOptions {
  /** The corpus says what happens; otherwise only that nobody may be deceived. */
  readonly strict: boolean;
  /** The application takes everything that is allowed. */
  readonly exact: boolean;
}

/** The verdict about one case. */
export interface Verdict {
  readonly outcome: Outcome | null;
  readonly problems: readonly string[];
}

/** Says whether anybody was deceived, and whether it went as the corpus says. */
export function judge(one: RequestCase, course: Course, options: JudgeOptions): Verdict {
  const problems = [
    ...deceptions(course, options),
    ...options.strict ? deviations(one, course, options) : [],
  ];
  return { outcome: problems.length > 0 ? null : outcome(one, course), problems };
}

function outcome(one: RequestCase, { first }: Course): Outcome {
  if (one.end === "incomplete") return "left incomplete";
  if (first.answers.every(({ status }) => status === 200)) return "as expected";
  return isRefused(one, first.answers) ? "refused" : "answered otherwise";
}

/** What must not happen whatever the proxy thinks of the request. */
function deceptions(course: Course, { strict }: JudgeOptions): string[] {
  const { first, second, secondMarker, markerSeen, seen } = course;
  const problems: string[] = [];
  const own = second.answers.length === 1 && second.answers[0]?.body === ascii(secondMarker);
  if (!own) problems.push(`another client got ${summary(second)}`);
  if (!markerSeen) problems.push("another client's request was swallowed");
  if (first.junk !== "") problems.push(`junk ${JSON.stringify(first.junk.slice(0, 200))}`);
  // Every message that the application saw was one for the proxy, too, and got its own answer.
  const answered = first.answers.filter(({ status }) => status === 200);
  const told = answered.map(({ body }) => body);
  const known = seen.map((message) => message.method === "HEAD" ? "" : ascii(plain(message)));
  const agrees = strict ? told.join() === known.join() : isSubsequence(told, known);
  if (!agrees) {
    problems.push(`answered ${JSON.stringify(told)}, seen ${JSON.stringify(known)}`);
  }
  return problems;
}

function isSubsequence(some: readonly string[], all: readonly string[]): boolean {
  let found = 0;
  for (const text of all) if (text === some[found]) found++;
  return found === some.length;
}

/** What goes otherwise than the corpus says. */
function deviations(one: RequestCase, course: Course, { exact }: JudgeOptions): string[] {
  const { first, seen } = course;
  const refused = isRefused(one, first.answers);
  const expected = expectedMessages(one, course.marker, refused);
  const problems = strangers(seen, expected);
  if (one.end === "refused" && !refused) problems.push(`not refused: ${summary(first)}`);
  if (exact && seen.length !== expected.length) {
    problems.push(`seen ${seen.length} of ${expected.length} messages`);
  }
  if (first.answers.length !== expected.length + (refused ? 1 : 0)) {
    problems.push(`${summary(first)} instead of ${expected.length} answers`);
  }
  if (first.end !== "closed" && one.end !== "incomplete") {
    problems.push(`the connection was ${first.end}`);
  }
  return [...problems, ...exact ? leaks(one, seen) : []];
}

/** What the application sees, the marker on the same connection included. */
function expectedMessages(
  { end, messages }: RequestCase,
  marker: Message,
  refused: boolean,
): readonly Message[] {
  if (end === "open" || (end === "either" && !refused)) return [...messages, marker];
  return end === "either" ? [] : messages;
}

/** Whether the connection ended with a refusal of ours that the corpus allows. */
function isRefused({ end, messages, statuses }: RequestCase, answers: readonly ReadAnswer[]) {
  if (end !== "refused" && end !== "either") return false;
  const before = end === "either" ? 0 : messages.length;
  const last = answers.at(-1);
  return last !== undefined && answers.length === before + 1 && statuses.includes(last.status);
}

/** Whatever was seen and is not expected, or not in this order. */
function strangers(seen: readonly Seen[], expected: readonly Message[]): string[] {
  let at = 0;
  for (const message of seen) {
    const text = ascii(plain(message));
    while (at < expected.length && ascii(expected[at] as Message) !== text) at++;
    if (at === expected.length) return [`the application saw ${text.slice(0, 300)}`];
    at++;
  }
  return [];
}

/** Names that got through although they must not. */
function leaks({ without }: RequestCase, seen: readonly Seen[]): string[] {
  return without.filter((name) => seen.some(({ names }) => names?.includes(name)))
    .map((name) => `${name} reached the application`);
}

function plain({ method, target, body }: Message): Message {
  return { method, target, body };
}

function summary({ answers, junk, end }: Answers): string {
  return `${answers.map(({ status }) => status).join() || "nothing"}${junk && " and junk"}, ${end}`;
}
