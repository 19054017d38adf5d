/** 1xx: announced, unasked, endless. */
import { head } from "../../raw.ts";
import { answer, type AnswerCase, bad, broken, good, goodOrBad, STRAY } from "../answer_case.ts";

const FINAL = answer(["Content-Length: 2"], "hi");
const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";
const HINTS = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n";
const SWITCH =
  "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
const ASK_UPGRADE = head("GET /case", "Connection: Upgrade", "Upgrade: websocket");
const ASK_OLD = "GET /case HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";

/** What comes before an answer. */
export const INTERIM: readonly AnswerCase[] = [
  good("100 that nobody asked for", CONTINUE + FINAL, "hi"),
  good("103 thrice", HINTS.repeat(3) + FINAL, "hi"),
  good("199", `HTTP/1.1 199 X\r\n\r\n${FINAL}`, "hi"),
  good("103 for HTTP/1.0", HINTS + FINAL, "hi", { request: ASK_OLD }),
  goodOrBad("a flood of 100", CONTINUE.repeat(10_000) + FINAL, "hi"),
  goodOrBad("a flood of 103", HINTS.repeat(10_000) + FINAL, "hi"),
  bad("103 and the end", HINTS, { closes: true }),
  bad("103 and half a head", `${HINTS}HTTP/1.1 200 OK\r\nConte`, { closes: true }),
  bad("103 with LF", `HTTP/1.1 103 Early Hints\nLink: </a.css>\n\n${FINAL}`),
  bad("103 and garbage", `${HINTS}garbage\r\n\r\n`),
  bad("103 with a body", `HTTP/1.1 103 X\r\nContent-Length: 5\r\n\r\nhello${FINAL}`),
  bad("103 with chunks", `HTTP/1.1 103 X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${FINAL}`),
  bad("a 103 of 70 KiB", `HTTP/1.1 103 X\r\nX: ${"x".repeat(70_000)}\r\n\r\n${FINAL}`),
  bad("101 that nobody asked for", SWITCH),
  bad("101 that nobody asked for, and an answer", SWITCH + STRAY),
  bad("101 without an upgrade", `HTTP/1.1 101 X\r\n\r\n${STRAY}`, { request: ASK_UPGRADE }),
  bad(
    "101 to something else",
    "HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: evil\r\n\r\n",
    { request: ASK_UPGRADE },
  ),
  bad(
    "101 to h2c",
    "HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
    {
      request: head(
        "GET /case",
        "Connection: Upgrade, HTTP2-Settings",
        "Upgrade: h2c",
        "HTTP2-Settings: AAMAAABk",
      ),
    },
  ),
  bad("101 for HTTP/1.0", SWITCH, {
    request: "GET /case HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
  }),
  broken("103, then an answer that is cut", `${HINTS}${answer(["Content-Length: 9"], "hi")}`, {
    closes: true,
  }),
];
