/** The engines that speak HTTP, in the order of the table. */
export const HTTP_ENGINES = ["relay", "fetch"] as const;

/** One of {@linkcode HTTP_ENGINES}. */
export type HttpEngine = (typeof HTTP_ENGINES)[number];

/** How far an engine meets an item. */
export const LEVELS = ["met", "decided", "partly", "no"] as const;

/** One of {@linkcode LEVELS}; `decided`: on purpose otherwise, or not by default. */
export type Level = (typeof LEVELS)[number];

/** What an engine makes of an item. */
export interface Verdict {
  readonly level: Level;
  /** Why it is not simply met. */
  readonly note: string | null;
}

/** One line of the table. */
export interface ChecklistItem {
  readonly number: number;
  readonly title: string;
  readonly verdicts: Readonly<Record<HttpEngine, Verdict>>;
}

const met: Verdict = { level: "met", note: null };
const decided = (note: string): Verdict => ({ level: "decided", note });
const partly = (note: string): Verdict => ({ level: "partly", note });
const no = (note: string): Verdict => ({ level: "no", note });

/** Title, relay, fetch; the position is the item's number. */
const ROWS: readonly (readonly [string, Verdict, Verdict])[] = [
  // Request line and target
  ["methods verbatim", met, partly("`get`, `Post` and the like, TRACE and TRACK: 501")],
  ["TRACE, Max-Forwards", met, no("TRACE: 501; `Max-Forwards` is passed on")],
  ["CONNECT: 405", met, met],
  ["GET with a body", met, no("refused with 501")],
  ["path and query bytes", met, partly("what a URL parser would rewrite: 501")],
  ["`OPTIONS *`", met, no("refused with 501")],
  ["absolute-form", met, met],
  ["`Host` checked", met, partly("a missing one is accepted")],
  ["8000-byte targets, 414", met, partly("400 instead of 414")],
  ["empty lines, bare CR, NUL", met, partly("a bare LF is accepted")],
  ["obs-fold", met, met],
  ["versions", met, partly("HTTP/1.2 and later: 400; HTTP/2 works")],
  // Headers
  [
    "order, case, repeats",
    met,
    partly("names in lower case, repeats joined, except `Set-Cookie`"),
  ],
  ["value bytes", met, met],
  ["hop-by-hop headers", met, met],
  ["named in `Connection`", met, met],
  ["`Proxy-Authorization`", met, met],
  ["`TE: trailers`", met, no("removed")],
  [
    "nothing added",
    met,
    partly("`accept`, `accept-encoding`, empty `user-agent` and `accept-language`"),
  ],
  ["`Host` kept", met, met],
  ["`X-Forwarded-*`", met, met],
  ["`Forwarded`", met, partly("never emitted")],
  [
    "`Via`",
    decided("only with `--via`: few proxies send it, and applications see it"),
    no("never"),
  ],
  ["`Date`, `Server`", met, met],
  ["limits of a head", met, partly("400 instead of 431, from 129 lines on")],
  ["unknown headers", met, met],
  // Framing and smuggling
  ["length and chunks: 400", met, met],
  ["bad `Content-Length`", met, met],
  ["bad `Transfer-Encoding`", met, met],
  ["chunks in HTTP/1.0", met, met],
  ["chunk syntax", met, partly("a blank before the size is accepted")],
  ["chunk extensions", met, partly("removed; not counted")],
  ["trailers", met, no("dropped")],
  ["framing kept", met, partly("a POST without a body gets `content-length: 0`")],
  ["read until close", met, met],
  ["early death is visible", met, met],
  ["bytes after the length", met, met],
  ["answer with both framings", met, met],
  ["bytes on idle connections", met, met],
  // Answers
  ["HEAD", met, met],
  ["204, 304, 1xx", met, met],
  ["1xx passed on", met, no("dropped")],
  ["`Expect: 100-continue`", met, partly("answered here")],
  ["other `Expect`: 417", met, no("removed")],
  ["reasons, odd statuses", met, partly("reasons dropped; 600 to 999: 502")],
  ["content codings", met, met],
  ["ranges", met, met],
  ["`Location` untouched", met, met],
  ["101 only if asked", met, met],
  // Streaming and upgrades
  ["SSE at once", met, met],
  ["long poll", met, met],
  ["WebSocket", met, partly("re-framed, no extensions")],
  [
    "other upgrades",
    decided("opaque tunnels; `h2c` is not passed on, since it would bypass all of this"),
    no("ignored"),
  ],
  ["half-close of tunnels", met, no("a WebSocket has none")],
  ["grace of tunnels", met, met],
  ["back-pressure", met, partly("a slow WebSocket reader is closed")],
  ["both directions at once", met, met],
  [
    "early final answer",
    met,
    partly("502 where the application closes at once; what follows is still sent to it"),
  ],
  // Connections and time
  ["keep-alive", met, met],
  ["HTTP/1.0 clients", met, met],
  ["pipelining", met, met],
  [
    "client gone",
    decided("a client that closes its sending side counts as gone, as with nginx, Go and Envoy"),
    decided("the same"),
  ],
  ["slow clients", met, no("no limits")],
  ["timeouts by phase", met, partly("head and drain only")],
  ["lingering close", met, partly("not after errors of the parser")],
  ["IPv6", met, met],
  ["ports, EMFILE", met, partly("without descriptors, connections that wait are lost")],
  ["small writes", met, partly("as Deno does")],
  ["shutdown", met, met],
  ["clients follow a roll", met, met],
  // Errors and trust
  ["own errors", met, met],
  ["logs, client address", met, met],
];

/** The 72 items, in order. */
export const CHECKLIST: readonly ChecklistItem[] = ROWS.map(([title, relay, fetch], index) => ({
  number: index + 1,
  title,
  verdicts: { relay, fetch },
}));
