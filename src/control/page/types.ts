/*
 * What the scripts of the page exchange with each other. Types only: the page is not built, its
 * scripts name these types in comments, and a test checks them.
 */
import type { OutputLine, Status } from "../operator.ts";
import type { LoggedEvent } from "../../roll/logged_event.ts";

/** Something the page can ask for with `POST`. */
export interface Ask {
  path: string;
  body: Readonly<Record<string, unknown>>;
}

/** How the connection stands. */
export type ConnectionState =
  | { name: "connecting" }
  | { name: "live" }
  /** `retryAt`: as `Date.now()`. */
  | { name: "lost"; detail: string; retryAt: number }
  /** `refused`: the token that was given is wrong. */
  | { name: "locked"; refused: boolean };

/** What the server tells as it happens. */
export interface StreamListener {
  /** The stream is open: what comes from now on is told, the rest has to be asked for. */
  opened(signal: AbortSignal): Promise<void>;
  status(status: Status): void;
  event(event: LoggedEvent): void;
  output(line: OutputLine): void;
  changed(state: ConnectionState): void;
}

/** One block of a stream of server-sent events. */
export interface Message {
  event: string;
  data: string;
}

/** One part of a roll as it is drawn. */
export interface Step {
  name: string;
  state: "succeeded" | "failed" | "interrupted" | "running" | "waiting";
  /** ISO 8601; null: not yet. */
  startedAt: string | null;
  /** Null: not over. */
  durationMs: number | null;
}

/** What a dialog asks. */
export interface Question {
  title: string;
  text: string;
  ok: string;
  /** Name of the line of text to be given; null: none is asked for. */
  field: string | null;
}
