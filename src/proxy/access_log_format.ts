import type { AccessEntry } from "./access_log.ts";

/** Turns an entry into one line, with its end of line. */
export type AccessFormat = (entry: AccessEntry) => string;

/** Longest text that is written of anything that a client chooses. */
const MAX_TEXT = 4096;
const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

/** One JSON object; its fields are described in docs/access-log.md. */
export function jsonEntry(entry: AccessEntry): string {
  const line = JSON.stringify({
    time: new Date(entry.time).toISOString(),
    client: entry.client,
    method: bounded(entry.method),
    target: bounded(entry.target),
    protocol: entry.protocol,
    host: bounded(entry.host),
    user_agent: bounded(entry.userAgent),
    referer: bounded(entry.referer),
    status: entry.status,
    request_bytes: entry.requestBytes,
    response_bytes: entry.responseBytes,
    duration_ms: rounded(entry.durationMs),
    backend: entry.backend,
    version: entry.version,
    tries: entry.tries,
    why: entry.reasons,
  });
  // DEL, C1 controls and direction marks are legal in JSON, and commands to a terminal.
  return line.replace(/[\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g, unicodeEscape) + "\n";
}

/** The combined format of Apache and nginx, then what only a proxy knows. */
export function combinedEntry(entry: AccessEntry): string {
  const { method, target, protocol, status, tries, reasons } = entry;
  const request = method === "-" && target === "-" ? "-" : `${method} ${target} ${protocol}`;
  return `${word(entry.client)} - - [${clfTime(entry.time)}] ${quoted(request)} ${status} ` +
    `${entry.responseBytes} ${quoted(entry.referer)} ${quoted(entry.userAgent)} ` +
    `rt=${(entry.durationMs / 1000).toFixed(3)} backend=${word(entry.backend ?? "-")} ` +
    `version=${word(entry.version ?? "-")} tries=${tries} why=${word(reasons.join(",") || "-")}\n`;
}

/** `10/Oct/2000:13:55:36 +0000` */
function clfTime(time: number): string {
  const iso = new Date(time).toISOString();
  const month = Number(iso.slice(5, 7)) * 3;
  const name = MONTHS.slice(month - 3, month);
  return `${iso.slice(8, 10)}/${name}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}

function quoted(text: string): string {
  return text === "" ? '"-"' : `"${escaped(text)}"`;
}

/** As it is when it is one word, else in quotes. */
function word(text: string): string {
  return /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(text) ? text : quoted(text);
}

/** As Apache does it: nothing can end a quote or a line, or speak to a terminal. */
function escaped(text: string): string {
  return bounded(text).replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, (character) => {
    if (character === '"' || character === "\\") return `\\${character}`;
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : unicodeEscape(character);
  });
}

function bounded(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}...`;
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
