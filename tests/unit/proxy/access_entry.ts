import type { AccessEntry } from "../../../src/proxy/access_log.ts";

/** An entry like many others, with what differs. */
export function accessEntry(changes: Partial<AccessEntry> = {}): AccessEntry {
  return {
    time: Date.UTC(2026, 9, 5, 13, 4, 5, 6),
    client: "192.0.2.1",
    method: "GET",
    target: "/a?b=c",
    protocol: "HTTP/1.1",
    host: "a.example",
    userAgent: "curl/8",
    referer: "",
    status: 200,
    requestBytes: 0,
    responseBytes: 1234,
    durationMs: 12.3456,
    backend: "i1",
    version: "v1",
    tries: 1,
    reasons: [],
    ...changes,
  };
}
