import type { Random } from "../simulation/random.ts";

/** Bytes and lines that parsers were seen to stumble over. */
const BYTES = [
  "\r",
  "\n",
  "\r\n",
  "\0",
  " ",
  "\t",
  ":",
  ";",
  ",",
  "\v",
  "\f",
  "\x7f",
  "\x85",
  "\xa0",
];
const TOKENS = [
  "0",
  "-1",
  "+5",
  "0x5",
  "5,5",
  "005",
  "ffffffffffffffff",
  "1e1",
  "99999999999999999999",
];
const LINES = [
  "Content-Length: 5",
  "Content-Length: 0",
  "Content-Length: 5, 5",
  "Content-Length: +5",
  "Content-Length:5 ",
  "Content-Length : 5",
  "Content-Length: 5\r\nContent-Length: 6",
  "Content-Length:\t005",
  "Content-Length: 0x5",
  "Content-Length: 5\x00",
  "Content-Length: 9007199254740993",
  "Content_Length: 5",
  "Content-Length\xa0: 5",
  " Content-Length: 5",
  "Transfer-Encoding: chunked",
  "transfer-encoding:CHUNKED",
  "Transfer-Encoding: xchunked",
  "Transfer-Encoding: chunked, chunked",
  "Transfer-Encoding: identity, chunked",
  "Transfer-Encoding: chunked, identity",
  "Transfer-Encoding:\x0bchunked",
  "Transfer-Encoding: \tchunked\t",
  "Transfer-Encoding\t: chunked",
  "Transfer-Encoding: chunked;q=1",
  'Transfer-Encoding: "chunked"',
  "Transfer-Encoding:\r\n chunked",
  "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked",
  "Transfer-Encoding:",
  "Transfer_Encoding: chunked",
  "X: y\rTransfer-Encoding: chunked",
  "X: y\nTransfer-Encoding: chunked",
  "X: y\r\n z",
  "Host: evil.example",
  "Host: a b",
  "Host: a@b",
  "Host: a/b",
  "Host: [::1",
  "Connection: Host",
  "Connection: Content-Length, close",
  "Connection: Transfer-Encoding",
  "Connection: ,, close ,,",
  "Connection: X-Forwarded-For",
  "Connection: upgrade\r\nUpgrade: websocket",
  "Expect: 200-ok",
  "Connection: upgrade, HTTP2-Settings\r\nUpgrade: h2c",
  "Connection: upgrade\r\nUpgrade: foo/1, h2c",
  "Connection: upgrade",
  "Connection: TE, Keep-Alive",
  "X-Forwarded-For: 6.6.6.6",
  "X_Forwarded_For: 6.6.6.6",
  "x-forwarded_proto: https",
  "X_Real_Ip: 6.6.6.6",
  "X-Forwarded-Anything: 6",
  "Proxy-Authenticate: Basic",
  "TE: gzip, trailers;q=0.5",
  "Max-Forwards: 0",
  ": empty",
  "no colon",
  "X y: z",
  "Date : now",
];
const FIRST_LINES = [
  "CONNECT a:80 HTTP/1.1",
  "GET http://a@b/ HTTP/1.1",
  "GET http:///x HTTP/1.1",
  "GET * HTTP/1.1",
  "OPTIONS http://a HTTP/1.1",
  "GET  / HTTP/1.1",
  "GET / HTTP/1.1 ",
  "GET /\tHTTP/1.1",
  "GET / HTTP/2.0",
  "GET / http/1.1",
  "GET / HTTP/1.10",
  "GET /",
  "G(T / HTTP/1.1",
  "GET x HTTP/1.1",
  "PRI * HTTP/2.0",
  "HTTP/1.1 101 Switching",
  "HTTP/1.1 100 Continue",
  "HTTP/1.1 099 Low",
  "HTTP/1.1 2000 OK",
  "HTTP/1.1  200 OK",
  "HTTP/1.0 200 OK",
  "ICY 200 OK",
];

/** They cost much and find little. */
const LONG_RUNS = 0.005;

type Mutation = (text: string, at: number, rng: Random) => string;

const MUTATIONS: readonly Mutation[] = [
  (text, at, rng) => text.slice(0, at) + rng.pick(BYTES) + text.slice(at),
  (text, at, rng) => text.slice(0, at) + rng.pick(BYTES) + text.slice(at + 1),
  (text, at) => text.slice(0, at) + text.slice(at + 1),
  (text, at) => text.slice(0, at),
  (text, at, rng) => {
    const from = Math.floor(rng.next() * text.length);
    return text.slice(0, at) + text.slice(from, from + 20) + text.slice(at);
  },
  (text, at, rng) => {
    const flipped = text.charCodeAt(at) ^ (1 << Math.floor(rng.next() * 8));
    return text.slice(0, at) + String.fromCharCode(flipped & 0xff) + text.slice(at + 1);
  },
  (text, at, rng) => text.slice(0, at) + rng.pick(TOKENS) + text.slice(at + 1),
  addLine,
  addLine,
  addLine,
  replaceFirstLine,
  breakLineEnd,
  breakLineEnd,
  dropLine,
];

/** Does some harm to a message. */
export function mutate(text: string, rng: Random): string {
  let result = text;
  for (let count = 1 + Math.floor(rng.next() ** 2 * 5); count > 0; count--) {
    result = rng.pick(MUTATIONS)(result, Math.floor(rng.next() * result.length), rng);
  }
  return rng.chance(LONG_RUNS) ? stretch(result, rng) : result;
}

function stretch(text: string, rng: Random): string {
  const at = Math.floor(rng.next() * text.length);
  const run = rng.pick(["a", "0", " ", "\t", ";", ",", "X: y\r\n"]).repeat(6000);
  return text.slice(0, at) + run + text.slice(at);
}

/** Puts a line behind one of those that are there. */
function addLine(text: string, at: number, rng: Random): string {
  const place = text.indexOf("\r\n", rng.chance(0.7) ? 0 : at);
  if (place < 0) return text;
  return `${text.slice(0, place + 2)}${rng.pick(LINES)}\r\n${text.slice(place + 2)}`;
}

function replaceFirstLine(text: string, _at: number, rng: Random): string {
  return rng.pick(FIRST_LINES) + text.slice(Math.max(0, text.indexOf("\r\n")));
}

function breakLineEnd(text: string, at: number, rng: Random): string {
  const place = text.indexOf("\r\n", at);
  if (place < 0) return text;
  const broken = rng.pick(["\n", "\n\n", "\r", "\r\r\n", "\n\r", "\r\n\r\n", "\r\n ", " \r\n", ""]);
  return text.slice(0, place) + broken + text.slice(place + 2);
}

function dropLine(text: string, at: number): string {
  const from = text.indexOf("\r\n", at);
  const to = text.indexOf("\r\n", from + 2);
  return from < 0 || to < 0 ? text : text.slice(0, from) + text.slice(to);
}
