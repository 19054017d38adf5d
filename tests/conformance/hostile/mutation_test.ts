import { assertEquals } from "@std/assert";
import { type EngineName, ENGINES } from "../../../src/proxy/engines.ts";
import { startProxy } from "../rig.ts";
import { type ReadAnswer, readAnswers } from "./answer_reader.ts";
import { converse, type Heard, leave } from "./conversation.ts";
import { ascii, Recorder } from "./recorder.ts";
import { readRequests } from "./reference.ts";
import { chunked, type Message, message, request, show } from "./request_case.ts";

const BASES = [
  request("GET /c?d=e", ["X-A: 1", "Accept: */*"]),
  request("POST /c", ["Content-Length: 11", "X-A: 1"], "hello=world"),
  chunked("5;a=b\r\nhello\r\na\r\n0123456789\r\n0\r\nX-T: 1\r\n\r\n", "Trailer: X-T"),
  request("PUT /c", ["Connection: keep-alive, X-Hop", "X-Hop: 1", "Content-Length: 2"], "ab"),
  "GET http://a.example:80/c HTTP/1.1\r\nHost: a.example:80\r\nExpect: 100-continue\r\n\r\n",
];

const WRONG_BYTES = ["\0", "\n", "\r", " ", "\t", ":", ";", ",", "0", "/", "\x0b", "\x80"];

const NEXT = request("GET /next", ["Connection: close"]);
const OTHER = message("GET", "", "/other");

/** `base` with one byte less, one byte twice, or one byte wrong, at every place. */
function mutationsOf(base: string): string[] {
  return Array.from(base, (byte, at) => {
    const [before, after] = [base.slice(0, at), base.slice(at + 1)];
    const replaced = WRONG_BYTES.filter((wrong) => wrong !== byte)
      .map((wrong) => before + wrong + after);
    const inserted = ["\r", "\n", " "].map((extra) => before + extra + byte + after);
    return [before + after, before + byte + byte + after, ...replaced, ...inserted];
  }).flat();
}

/** What a strict reader makes of it, targets in the form in which they go on. */
function reading(bytes: string): { messages: Message[]; waits: boolean } {
  const { requests, end, fault } = readRequests(bytes, "client");
  const messages = requests.map(({ method, target, body }) => {
    const path = target.replace(/^http:\/\/[^/?]*/i, "");
    return { method, target: path.startsWith("/") ? path : `/${path}`, body };
  });
  return { messages, waits: fault === null && end < bytes.length };
}

function isAnswered({ status }: ReadAnswer): boolean {
  return status === 200;
}

/** What went wrong: more was seen than is there, or somebody got what was not theirs. */
function problems(meant: Message[], seen: Message[], first: Heard, second: Heard): string[] {
  const found: string[] = [];
  const known = seen.map(ascii);
  const prefix = meant.slice(0, seen.length).map(ascii);
  if (known.join() !== prefix.join()) found.push(`saw ${known}, meant ${prefix}`);
  const { answers, junk } = readAnswers(first.bytes, seen.map(({ method }) => method));
  const told = answers.filter(isAnswered).map(({ body }) => body);
  if (told.join() !== known.join()) found.push(`saw ${known}, answered ${told}`);
  if (junk !== "") found.push(`junk ${JSON.stringify(junk.slice(0, 100))}`);
  if (first.end === "silent") found.push("left waiting");
  const [other] = readAnswers(second.bytes, []).answers;
  if (other?.body !== ascii(OTHER)) {
    found.push(`another client got ${other?.status} ${other?.body}`);
  }
  return found;
}

for (const engine of Object.keys(ENGINES) as EngineName[]) {
  // Deno's server is more lenient than the reader that this is compared with.
  if (engine as string !== "relay") continue;
  Deno.test(`item 10 item 27 item 31 [${engine}] one wrong byte at any place deceives nobody`, async () => {
    await using recorder = new Recorder();
    const proxy = startProxy({ engine });
    proxy.replace([{ key: "a", host: "127.0.0.1", port: recorder.port, alive: () => true }]);
    const all: string[] = [];
    const mutations = BASES.flatMap(mutationsOf);
    for (const mutation of mutations) {
      recorder.records.length = 0;
      const bytes = mutation + NEXT;
      const { messages, waits } = reading(bytes);
      const first = waits
        ? await leave(proxy.port, bytes, messages.length)
        : await converse(proxy.port, bytes);
      const seen = recorder.records.map(({ method, target, body }) => ({ method, target, body }));
      const second = await converse(
        proxy.port,
        request(`GET ${OTHER.target}`, ["Connection: close"]),
      );
      for (const problem of problems(messages, seen, first, second)) {
        all.push(`${show(mutation.slice(0, 50))}…: ${problem}`);
      }
      for (const fault of recorder.faults.splice(0)) {
        all.push(`${JSON.stringify(mutation)}: ${fault}`);
      }
    }
    console.log(`${engine}: ${mutations.length} mutations`);
    await proxy.shutdown({ drainTimeoutMs: 1000 });
    assertEquals(all, []);
  });
}
