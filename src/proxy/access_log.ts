/** One finished request, or one TCP connection, as the access log tells it. */
export interface AccessEntry {
  /** When it began, milliseconds since 1970. */
  readonly time: number;
  /** Address of the client: what a trusted proxy said, else the connected peer. */
  readonly client: string;
  /** `-` where there was no readable request. */
  readonly method: string;
  readonly target: string;
  /** For example `HTTP/1.1`, or `TCP`. */
  readonly protocol: string;
  readonly host: string;
  readonly userAgent: string;
  readonly referer: string;
  /** 499: the client went away first. 101 for a tunnel, 0 for a TCP connection. */
  readonly status: number;
  /** Bytes of the request's body, as sent on. */
  readonly requestBytes: number;
  /** Bytes of the answer's body, as sent on. */
  readonly responseBytes: number;
  readonly durationMs: number;
  /** Key of the backend that answered, null when none did. */
  readonly backend: string | null;
  /** Version of that backend. */
  readonly version: string | null;
  /** How often a backend was tried. */
  readonly tries: number;
  /** Why it was tried again, or why it failed, in order. */
  readonly reasons: readonly string[];
}

/** Takes entries; never waits, never throws. */
export interface AccessLog {
  record(entry: AccessEntry): void;
}
