/** Several requests in one go: each is one, in order, and a bad one ends the row. */
import {
  accepted,
  chunked,
  closing,
  HIDDEN,
  incomplete,
  message,
  refused,
  request,
  type RequestCase,
} from "../request_case.ts";

const FIRST = request("GET /first");
const POST = request("POST /c", ["Content-Length: 5"], "hello");
const CHUNKS = chunked("5\r\nhello\r\n0\r\n\r\n");
const HEAD = request("HEAD /head");

const first = message("GET", "", "/first");
const post = message("POST", "hello");
const head = message("HEAD", "", "/head");

const BAD_NEXT = [
  "GET /hidden\r\n\r\n",
  "GET /hidden HTTP/1.1\r\n\r\n",
  "GET /hidden HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
  "GET /hidden HTTP/1.1\nHost: a\n\n",
  " GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n",
  "\0GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n",
  "0\r\n\r\nGET /hidden HTTP/1.1\r\nHost: a\r\n\r\n",
  "5\r\nhello\r\n0\r\n\r\n",
  "POST /hidden HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
  "CONNECT hidden:1 HTTP/1.1\r\nHost: hidden:1\r\n\r\n",
];

/** Rows of requests. */
export const PIPELINING: readonly RequestCase[] = [
  accepted("two GETs", FIRST + request("GET /second"), [first, message("GET", "", "/second")]),
  accepted("a body and a GET", POST + FIRST, [post, first]),
  accepted("chunks and a GET", CHUNKS + FIRST, [post, first]),
  accepted("HEAD between", FIRST + HEAD + POST, [first, head, post]),
  accepted("HEAD thrice", HEAD + HEAD + HEAD, [head, head, head]),
  accepted("all kinds", FIRST + POST + CHUNKS + HEAD + CHUNKS + POST + FIRST, [
    first,
    post,
    post,
    head,
    post,
    post,
    first,
  ]),
  accepted("a hundred", FIRST.repeat(100), Array.from({ length: 100 }, () => first)),
  accepted("fifty bodies", POST.repeat(50), Array.from({ length: 50 }, () => post)),
  accepted("empty lines between", `${FIRST}\r\n${POST}\r\n${FIRST}`, [first, post, first]),
  closing("nothing after close", request("GET /c", ["Connection: close"]) + HIDDEN.repeat(3), [
    message("GET"),
  ]),
  closing("nothing after HTTP/1.0", `GET /c HTTP/1.0\r\n\r\n${HIDDEN}`, [message("GET")]),
  ...BAD_NEXT.flatMap((next) => [
    refused(`GET, then ${next}`, FIRST + next, { after: [first], statuses: [400, 405] }),
    refused(`a body, then ${next}`, POST + next, { after: [post], statuses: [400, 405] }),
    refused(`chunks, then ${next}`, CHUNKS + next, { after: [post], statuses: [400, 405] }),
  ]),
  incomplete("GET, then half a head", `${FIRST}GET /hidden HTTP/1.1\r\nHost: a.exa`, [first]),
  incomplete("GET, then a head without its blank line", FIRST + HIDDEN.slice(0, -2), [first]),
  incomplete("GET, then half a body", FIRST + POST.slice(0, -1), [first]),
  incomplete("half a request line", "GET /hidd"),
  incomplete("one byte", "G"),
  incomplete("an empty line", "\r\n"),
];
