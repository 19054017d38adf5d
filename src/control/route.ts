import type { Clock } from "../platform/clock.ts";
import type { BodyRoom } from "./body_room.ts";
import type { Operator } from "./operator.ts";
import type { Problem } from "./problem.ts";
import type { Streams } from "./stream.ts";
import type { Webhook } from "./webhook/webhook.ts";

/** What handlers may use. */
export interface Services {
  readonly operator: Operator;
  readonly streams: Streams;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly date: () => number;
  /** Null: no secret is configured, so nobody can prove to be allowed. */
  readonly webhook: Webhook | null;
  /** Aborts when nothing is waited for any more. */
  readonly cut: AbortSignal;
  readonly bodyRoom: BodyRoom;
}

/** One request, as its handler sees it. */
export interface Call extends Services {
  readonly request: Request;
  /** Values of the `{names}` in the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Only names that the route knows, each at most once. */
  readonly query: URLSearchParams;
}

/**
 * Who may call a route over TCP: `operator` has the token (or comes from this host, when there is
 * none); `sender` signs what it sends, its handler checks that.
 */
export type Access = "operator" | "anyone" | "sender";

/**
 * Answers a call.
 *
 * @throws {Problem} When it cannot be done.
 */
export type Handler = (call: Call) => Response | Promise<Response>;

/** One thing that can be asked for. */
export interface Route {
  readonly method: "GET" | "POST";
  /** A segment `{name}` matches anything. */
  readonly path: string;
  readonly handle: Handler;
  /** @default {"operator"} */
  readonly access?: Access;
  /** Names of query parameters. */
  readonly query?: readonly string[];
  /** How a refusal looks. @default {problem.response()} */
  readonly refuse?: (problem: Problem) => Response;
}
