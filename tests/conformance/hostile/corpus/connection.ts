/** Fields that speak to us: `Connection`, `Expect`, `Upgrade` and what goes with them. */
import {
  accepted,
  closing,
  either,
  HIDDEN,
  message,
  refused,
  request,
  type RequestCase,
} from "../request_case.ts";

const GET = [message("GET")];
const UPGRADE = "Connection: Upgrade";
const SETTINGS = "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA";

function get(...headers: string[]): string {
  return request("GET /c", headers);
}

/** Fields without which a request would be another one. */
const ESSENTIAL = ["Host", "Content-Length", "Transfer-Encoding"];

const BAD_EXPECTATIONS = [
  "100-continued",
  "100 continue",
  "200-ok",
  "100-continue, x",
  "x",
  "x=y",
  '"100-continue"',
  "100-continue;a=b",
];

/** Hop-by-hop fields: none of them goes through. */
const HOP_BY_HOP = [
  "Keep-Alive: timeout=5",
  "Proxy-Connection: keep-alive",
  "Proxy-Authorization: Basic eDp5",
  "Connection: X-A\r\nX-A: 1",
  "X-A: 1\r\nconnection: keep-alive , x-a",
  "Connection: X-B, X-A\r\nConnection: x-c\r\nX-A: 1\r\nX-C: 2",
  "Connection: ,, X-A ,,\r\nX-A: 1",
  `Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n${SETTINGS}`,
  `Connection: upgrade\r\nUpgrade: H2C\r\n${SETTINGS}`,
  `${UPGRADE}\r\nUpgrade: h2c, websocket\r\n${SETTINGS}`,
  `${UPGRADE}\r\nUpgrade: websocket, h2c\r\n${SETTINGS}`,
  `Upgrade: h2c\r\n${SETTINGS}`,
  "Upgrade: websocket",
  "Connection: keep-alive\r\nUpgrade: websocket",
];

/** What none of {@linkcode HOP_BY_HOP} may leave behind. */
const GONE = ["keep-alive", "proxy-connection", "proxy-authorization", "x-a", "x-c"];
const NO_H2C = ["http2-settings"];

/** Smuggled as fields that only a proxy may set. */
const FORGED = [
  "X-Forwarded-For: 127.0.0.1",
  "X-Forwarded-Host: evil.example",
  "X-Real-Ip: 127.0.0.1",
  "Forwarded: for=127.0.0.1;host=evil.example",
];

/** CGI and WSGI hand these to applications under the names of the real ones. */
const FORGED_UNDERSCORES = [
  "X_Forwarded_For",
  "X-Forwarded_Proto",
  "X_Real_Ip",
  "x_forwarded_host",
  "Content_Length",
  "Transfer_Encoding",
];

/** Between us and the client. */
export const CONNECTION: readonly RequestCase[] = [
  ...ESSENTIAL.flatMap((name) => [
    refused(`Connection lists ${name}`, get(`Connection: ${name}`)),
    refused(
      `Connection lists ${name} among others`,
      get(`Connection: a, ${name.toLowerCase()} ,b`),
    ),
    refused(
      `Connection lists ${name}, with a body`,
      request(
        "POST /c",
        [`Connection: keep-alive,${name}`, `Content-Length: ${HIDDEN.length}`],
        HIDDEN,
      ),
    ),
  ]),
  ...HOP_BY_HOP.map((lines) =>
    either(`hop-by-hop ${lines}`, get(lines), GET, {
      without: /h2c/i.test(lines) ? [...GONE, ...NO_H2C] : GONE,
    })
  ),
  ...["X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "Date", "Via"].map((name) =>
    either(`Connection lists ${name}`, get(`Connection: ${name}`), GET)
  ),
  ...["@", "a b", "a;b", '"a"', "a\xe9", "a/b"].map((name) =>
    either(`Connection lists ${name}`, get(`Connection: ${name}`), GET)
  ),
  ...FORGED.map((line) => accepted(line, get(line), GET)),
  ...FORGED_UNDERSCORES.map((name) =>
    accepted(name, get(`${name}: 127`), GET, { without: [name.toLowerCase()] })
  ),
  closing("Connection: close", get("Connection: close") + HIDDEN, GET),
  closing("Connection: close among others", get("Connection: keep-alive, CLOSE") + HIDDEN, GET),
  closing(
    "Connection: close in a second line",
    get("Connection: a", "connection: close") + HIDDEN,
    GET,
  ),
  closing(
    "Connection: close with a body",
    request("POST /c", ["Connection: close", "Content-Length: 2"], `hi${HIDDEN}`),
    [message("POST", "hi")],
  ),
  accepted("Connection: closed is not close", get("Connection: closed"), GET),
  accepted("Connection: keep-alive", get("Connection: keep-alive", "Keep-Alive: max=1"), GET),
  ...BAD_EXPECTATIONS.map((value) =>
    refused(`Expect: ${value}`, get(`Expect: ${value}`), { statuses: [400, 417] })
  ),
  refused("two expectations", get("Expect: 100-continue", "Expect: x"), { statuses: [400, 417] }),
  ...["100-continue", "100-Continue", " 100-CONTINUE "].map((value) =>
    accepted(
      `Expect: ${value} with its body at once`,
      request("POST /c", [`Expect: ${value}`, `Content-Length: ${HIDDEN.length}`], HIDDEN),
      [message("POST", HIDDEN)],
    )
  ),
  accepted(
    "Expect with a body in chunks",
    request(
      "POST /c",
      ["Expect: 100-continue", "Transfer-Encoding: chunked"],
      "2\r\nhi\r\n0\r\n\r\n",
    ),
    [message("POST", "hi")],
  ),
  accepted("Expect without a body", get("Expect: 100-continue"), GET),
  accepted(
    "Expect with length 0 and a request behind",
    request("POST /c", ["Expect: 100-continue", "Content-Length: 0"], request("GET /second")),
    [message("POST"), message("GET", "", "/second")],
  ),
  refused(
    "Expect and a bad chunk",
    request("POST /c", ["Expect: 100-continue", "Transfer-Encoding: chunked"], `+2\r\nhi${HIDDEN}`),
  ),
  ...["websocket", "h2c", "TLS/1.0", "custom", "HTTP/2.0"].map((protocol) =>
    accepted(
      `Upgrade: ${protocol} with a hidden request for a body`,
      request(
        "POST /c",
        [UPGRADE, `Upgrade: ${protocol}`, `Content-Length: ${HIDDEN.length}`],
        HIDDEN,
      ),
      [message("POST", HIDDEN)],
    )
  ),
  refused(
    "Upgrade with two framings",
    request("POST /c", [
      UPGRADE,
      "Upgrade: websocket",
      "Content-Length: 5",
      "Transfer-Encoding: chunked",
    ], `0\r\n\r\n${HIDDEN}`),
  ),
  closing(
    "Upgrade in HTTP/1.0",
    `GET /c HTTP/1.0\r\nHost: a.example\r\n${UPGRADE}\r\nUpgrade: websocket\r\n\r\n${HIDDEN}`,
    GET,
  ),
  accepted(
    "a refused WebSocket and the next request",
    get(
      UPGRADE,
      "Upgrade: websocket",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      "Sec-WebSocket-Version: 13",
    ) + request("GET /second"),
    [...GET, message("GET", "", "/second")],
  ),
  either("Max-Forwards beyond a number", request("OPTIONS /c", ["Max-Forwards: x"]), [
    message("OPTIONS"),
  ]),
  either("negative Max-Forwards", request("TRACE /c", ["Max-Forwards: -1"]), [message("TRACE")]),
];
