import type {
  RequestContext,
  RequestHead,
  ResponseContext,
  ResponseHead,
} from "../../src/proxy/relay/head/heads.ts";
import {
  type Field,
  Incomplete,
  Malformed,
  type Message,
  parseRequest,
  parseResponse,
  values,
} from "./reference.ts";
import type { RelayedRequest } from "./relay_request.ts";
import type { RelayedResponse } from "./relay_response.ts";
import type { Violations } from "./violations.ts";

/** Fields of one hop: none of them may pass, except as {@linkcode HOP_VALUES} has it. */
const OF_ONE_HOP = [
  "connection",
  "http2-settings",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
];
/** Fields that we may change or add. */
const OURS = [
  "content-length",
  "date",
  "host",
  "max-forwards",
  "proxy-authenticate",
  "trailer",
  "via",
];
/** What we may say about our own hop. */
const HOP_VALUES: Record<string, RegExp> = {
  connection: /^(close|keep-alive|upgrade|te|upgrade, te)$/i,
  te: /^trailers$/,
  "transfer-encoding": /^chunked$/i,
  upgrade: /./,
};
/** What a gateway of the CGI kind takes for the fields that frame a message. */
const FORGED_FRAMING = /^(content_length|transfer_encoding)$/;
const ABOUT_CLIENT = /^(x-forwarded-(for|host|proto|port)|x-real-ip|forwarded)$/;

/** What came and what went, each as the reference reads it, must agree with what the relay says. */
export function compareRequest(
  text: string,
  context: RequestContext,
  request: RelayedRequest,
  violations: Violations,
): void {
  const { head, forwarded, verdict } = request;
  if (head === null || !/accepted|unfinished/.test(verdict)) return;
  const came = read(() => parseRequest(text), verdict, violations);
  if (!came) return;
  violations.expectSame("length", request.used, came.length);
  violations.expectSame("method", head.method, came.what);
  violations.expectSame("count of content", request.content, came.body.length);
  compareRequestFacts(head, came, violations);
  if (head.isForUs) return;
  const went = read(() => parseRequest(forwarded), "forwarded", violations);
  if (!went) return;
  const line = `${came.what} ${came.target} HTTP/1.1\r\n`;
  violations.expectSame("request line", forwarded.slice(0, line.length), line);
  violations.expectSame("host", went.host, came.host ?? "");
  violations.expectSame("framing", went.framing, came.framing);
  compareEnds(came, went, forwarded, violations);
  compareClient(went, context, violations);
}

/** Like {@linkcode compareRequest}, for an answer. */
export function compareResponse(
  text: string,
  { method, minor, keepAlive }: ResponseContext,
  response: RelayedResponse,
  violations: Violations,
): void {
  const { head, forwarded, verdict } = response;
  if (head === null || !/accepted|unfinished/.test(verdict)) return;
  const came = read(() => parseResponse(text, method), verdict, violations);
  if (!came) return;
  violations.expectSame("length", response.used, came.length);
  violations.expectSame("count of content", response.content, came.body.length);
  const went = read(() => parseResponse(forwarded, method), "forwarded", violations);
  if (!went) return;
  violations.expectSame("status", went.what, came.what);
  violations.expectSame("version", forwarded.slice(0, 8), "HTTP/1.1");
  if (minor === 0) violations.expectSame("use of chunks", went.framing === "chunked", false);
  if (!keepAlive) violations.expectSame("keepAlive", head.keepAlive, false);
  compareResponseFacts(head, came, went, violations);
  compareEnds(came, went, forwarded, violations);
}

function compareRequestFacts(head: RequestHead, came: Message, violations: Violations): void {
  const options = listed(came.fields, "connection");
  const isOld = came.minor === 0;
  const keepAlive = !options.includes("close") && (!isOld || options.includes("keep-alive"));
  violations.expectSame("keepAlive", head.keepAlive, keepAlive);
  const expects = values(came.fields, "expect").length > 0 && !isOld;
  violations.expectSame("expectsContinue", head.expectsContinue, expects);
  const protocols = listed(came.fields, "upgrade");
  const isUpgrade = options.includes("upgrade") && !isOld && !protocols.includes("h2c") &&
    protocols.some((protocol) => protocol !== "");
  violations.expectSame("upgrade", head.upgrade !== null, isUpgrade);
}

/** A connection may be used again only where both ends know where the message ended. */
function compareResponseFacts(
  head: ResponseHead,
  came: Message,
  went: Message,
  violations: Violations,
): void {
  const options = listed(came.fields, "connection");
  if (came.minor === 0 || options.includes("close") || came.framing === "close") {
    violations.expectSame("reusable", head.reusable, false);
  }
  if (Number(came.what) < 200) return;
  const says = listed(went.fields, "connection");
  if (went.framing === "close") violations.expectSame("keepAlive", head.keepAlive, false);
  violations.expectSame("Connection: close", says.includes("close"), !head.keepAlive);
}

function compareEnds(came: Message, went: Message, text: string, violations: Violations): void {
  violations.expectSame("end", went.length, text.length);
  violations.expectSame("body", went.body, came.body);
  const named = listed(came.fields, "connection");
  const isTheirs = ({ name }: Field) =>
    !OF_ONE_HOP.includes(name) && !OURS.includes(name) && !ABOUT_CLIENT.test(plain(name)) &&
    !FORGED_FRAMING.test(name) && !named.includes(name) && !(name === "expect" && came.minor === 0);
  const lines = (fields: readonly Field[]) => fields.filter(isTheirs).map(({ line }) => line);
  violations.expectSame("rest of the fields", join(lines(went.fields)), join(lines(came.fields)));
  for (const { name, value } of went.fields) {
    const mayPass = HOP_VALUES[name]?.test(value) ?? !OF_ONE_HOP.includes(name);
    if (!mayPass) violations.add(`A field of one hop passes: ${name}: ${value}`);
  }
  compareTrailers(came, went, violations);
}

function compareTrailers(came: Message, went: Message, violations: Violations): void {
  const lines = came.trailers.map(({ line }) => line);
  for (const { name, line } of went.trailers) {
    if (!lines.includes(line)) violations.add(`A trailer appears: ${line}`);
    const isForbidden = OF_ONE_HOP.includes(name) || OURS.includes(name) ||
      ABOUT_CLIENT.test(plain(name));
    if (isForbidden) violations.add(`A trailer passes that must not: ${line}`);
  }
}

/** What the backend hears about the client: from a stranger, nothing but what we say. */
function compareClient(
  went: Message,
  { ip, trusted }: RequestContext,
  violations: Violations,
): void {
  const said = went.fields.filter(({ name }) => ABOUT_CLIENT.test(plain(name)));
  const addresses = values(went.fields, "x-forwarded-for");
  violations.expectSame("number of X-Forwarded-For", addresses.length, 1);
  violations.expectSame("last address", addresses[0]?.split(", ").at(-1), ip);
  for (const { name, line } of said) {
    if (name.includes("_")) violations.add(`A forged field passes: ${line}`);
  }
  const forged = went.fields.filter(({ name }) => FORGED_FRAMING.test(name));
  for (const { line } of forged) violations.add(`A forged field passes: ${line}`);
  if (trusted) return;
  violations.expectSame("addresses", addresses[0], ip);
  violations.expectSame("X-Real-Ip", join(values(went.fields, "x-real-ip")), ip);
  const names = said.map(({ name }) => name);
  violations.expectSame("number of fields about the client", new Set(names).size, names.length);
  violations.expectSame("use of Forwarded", names.includes("forwarded"), false);
}

/** The elements of a field that is a list. */
function listed(fields: readonly Field[], name: string): string[] {
  return values(fields, name).join().toLowerCase().split(/[ \t]*,[ \t]*/);
}

/** Gateways of the CGI kind take `_` for `-`. */
function plain(name: string): string {
  return name.replaceAll("_", "-");
}

function join(lines: readonly string[]): string {
  return lines.join("\n");
}

/**
 * What the reference makes of a message.
 *
 * @param state What the message is: only what is `unfinished` may be incomplete.
 */
function read(parse: () => Message, state: string, violations: Violations): Message | null {
  try {
    const message = parse();
    violations.expectSame("end of an unfinished message", state === "unfinished", false);
    return message;
  } catch (error) {
    if (!(error instanceof Malformed || error instanceof Incomplete)) throw error;
    const isExpected = error instanceof Incomplete && state === "unfinished";
    if (!isExpected) violations.add(`What is ${state} is no message: ${error.message}`);
    return null;
  }
}
