/** CL.TE, TE.CL and TE.TE: two lengths, or one that two readers may read differently. */
import {
  accepted,
  chunked,
  either,
  HIDDEN,
  message,
  refused,
  request,
  type RequestCase,
  show,
} from "../request_case.ts";

/** Ends at once for who reads chunks; goes on for who reads a length. */
const EMPTY_THEN_HIDDEN = `0\r\n\r\n${HIDDEN}`;
const CHUNKED = "Transfer-Encoding: chunked";

/** Lines that some readers take for `Transfer-Encoding: chunked` and others do not. */
const DOUBTFUL = [
  "Transfer-Encoding: xchunked",
  "Transfer-Encoding: chunkedx",
  "Transfer-Encoding: chunk",
  "Transfer-Encoding: cow",
  "Transfer-Encoding: ",
  "Transfer-Encoding:",
  "Transfer-Encoding: ,",
  "Transfer-Encoding: identity",
  "Transfer-Encoding: gzip",
  "Transfer-Encoding: gzip, chunked",
  "Transfer-Encoding: deflate,chunked",
  "Transfer-Encoding: chunked, gzip",
  "Transfer-Encoding: chunked, identity",
  "Transfer-Encoding: identity, chunked",
  "Transfer-Encoding: chunked, chunked",
  "Transfer-Encoding: chunked chunked",
  "Transfer-Encoding: chunked;q=1",
  "Transfer-Encoding: chunked; a=b",
  'Transfer-Encoding: "chunked"',
  "Transfer-Encoding: 'chunked'",
  "Transfer-Encoding: (x) chunked",
  "Transfer-Encoding: \x0bchunked",
  "Transfer-Encoding:\x0bchunked",
  "Transfer-Encoding: chunked\x0b",
  "Transfer-Encoding: \x0cchunked",
  "Transfer-Encoding: chunked\x0c",
  "Transfer-Encoding: \x00chunked",
  "Transfer-Encoding: chunked\x00",
  "Transfer-Encoding: chun\x00ked",
  "Transfer-Encoding: \x1fchunked",
  "Transfer-Encoding: chunked\x1c",
  "Transfer-Encoding: \x08chunked",
  "Transfer-Encoding: \x7fchunked",
  "Transfer-Encoding: \xa0chunked",
  "Transfer-Encoding: chunked\x85",
  "Transfer-Encoding: chunked\xff",
  // The Kelvin sign becomes a "k" where text is put into lower case as Unicode.
  "Transfer-Encoding: chun\xe2\x84\xaaed",
  "Transfer-Encoding : chunked",
  "Transfer-Encoding\t: chunked",
  "Transfer-Encoding\x0b: chunked",
  "Transfer-Encoding\x00: chunked",
  "\x00Transfer-Encoding: chunked",
  "Transfer-Encoding\r\n: chunked",
  " Transfer-Encoding: chunked",
  "\tTransfer-Encoding: chunked",
  "X: y\r\n Transfer-Encoding: chunked",
  "X: y\rTransfer-Encoding: chunked",
  "X: y\nTransfer-Encoding: chunked",
  "X: y\n\rTransfer-Encoding: chunked",
  "Transfer-Encoding:\r\n chunked",
  "Transfer-Encoding:\n chunked",
  "Transfer-Encoding:\rchunked",
  "Transfer-Encoding: chunked\r\n , identity",
  "Transfer-Encoding: chunked\r\n \r\nX: y",
  "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
  "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
  "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
  "Transfer-Encoding: chunked\r\nTransfer-encoding: cow",
  "Transfer-Encoding: chunked\r\nTransfer-Encoding:",
  "Transfer-Encoding=chunked",
  "Transfer-Encoding chunked",
  '"Transfer-Encoding": chunked',
  "[Transfer-Encoding]: chunked",
  "Transfer\xadEncoding: chunked",
  "Transfer-Encoding\xa0: chunked",
];

/** Names that are others, whatever they look like: the length counts. */
const OTHER_NAMES = [
  "Transfer_Encoding: chunked",
  "TransferEncoding: chunked",
  "X-Transfer-Encoding: chunked",
  "Transfer-Encoding-: chunked",
  "Transfer-Encodin: chunked",
  "Content-Encoding: chunked",
  "Transfer.Encoding: chunked",
];

/** The same line for everybody, or refused out of caution. */
const SAME_FOR_ALL = [
  "Transfer-Encoding:chunked",
  "Transfer-Encoding: \tchunked",
  "Transfer-Encoding:\tchunked\t ",
  "Transfer-Encoding: Chunked",
  "TRANSFER-ENCODING: CHUNKED",
  "Transfer-Encoding: chunked,",
  "Transfer-Encoding: , chunked",
];

const UNKNOWN_CODING = { statuses: [400, 501] };

/** @see the class names of CWE-444 reports. */
export const TRANSFER_ENCODING: readonly RequestCase[] = [
  ...DOUBTFUL.map((line) =>
    refused(`TE.TE ${show(line)}`, request("POST /c", [line], EMPTY_THEN_HIDDEN), UNKNOWN_CODING)
  ),
  ...DOUBTFUL.map((line) => {
    const headers = [`Content-Length: ${EMPTY_THEN_HIDDEN.length}`, line];
    return refused(
      `CL.TE ${show(line)}`,
      request("POST /c", headers, EMPTY_THEN_HIDDEN),
      UNKNOWN_CODING,
    );
  }),
  ...OTHER_NAMES.map((line) => {
    const headers = [line, `Content-Length: ${EMPTY_THEN_HIDDEN.length}`];
    const body = request("POST /c", headers, EMPTY_THEN_HIDDEN);
    return accepted(`a length beside ${line}`, body, [message("POST", EMPTY_THEN_HIDDEN)]);
  }),
  ...SAME_FOR_ALL.map((line) =>
    either(show(line), request("POST /c", [line], "3\r\nabc\r\n0\r\n\r\n"), [
      message("POST", "abc"),
    ])
  ),
  refused(
    "CL.TE length first",
    request("POST /c", [`Content-Length: ${EMPTY_THEN_HIDDEN.length}`, CHUNKED], EMPTY_THEN_HIDDEN),
  ),
  refused(
    "TE.CL length last and short",
    chunked(`${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`, "Content-Length: 4"),
  ),
  refused("CL.TE length 0", chunked(EMPTY_THEN_HIDDEN, "Content-Length: 0")),
  refused("CL.TE length exact", chunked("0\r\n\r\n", "Content-Length: 5")),
  refused("CL.TE in GET", request("GET /c", ["Content-Length: 5", CHUNKED], "0\r\n\r\n")),
  refused(
    "TE.CL two lengths around chunked",
    chunked("0\r\n\r\n", "Content-Length: 5", "content-length: 5"),
  ),
  refused(
    "CL.TE over the body of the request before",
    request("POST /c", ["Content-Length: 3"], "abc") + chunked("0\r\n\r\n", "Content-Length: 5"),
    { after: [message("POST", "abc")] },
  ),
  refused(
    "TE in HTTP/1.0",
    `POST /c HTTP/1.0\r\nHost: a.example\r\n${CHUNKED}\r\n\r\n${EMPTY_THEN_HIDDEN}`,
  ),
  refused(
    "TE in HTTP/1.0 with keep-alive and a length",
    "POST /c HTTP/1.0\r\nHost: a.example\r\nConnection: keep-alive\r\n" +
      `Content-Length: 5\r\n${CHUNKED}\r\n\r\n${EMPTY_THEN_HIDDEN}`,
  ),
  refused(
    "TE hidden by Connection",
    chunked("0\r\n\r\n", "Connection: Transfer-Encoding"),
  ),
  accepted("GET in chunks", request("GET /c", [CHUNKED], "3\r\nabc\r\n0\r\n\r\n"), [
    message("GET", "abc"),
  ]),
  accepted(
    "a hidden request in a chunk",
    chunked(`${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`),
    [message("POST", HIDDEN)],
  ),
  accepted(
    "chunks that look like the end in the middle of a chunk",
    chunked(`1b\r\n0\r\n\r\nPOST /hidden HTTP/1.1\r\r\n0\r\n\r\n`),
    [message("POST", "0\r\n\r\nPOST /hidden HTTP/1.1\r")],
  ),
];
