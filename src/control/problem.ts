import { STATUS_TEXT } from "@std/http/status";

/** What can be wrong with a request, and the status it is answered with. */
export const PROBLEM_STATUS = {
  bad_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  unknown_version: 404,
  method_not_allowed: 405,
  timeout: 408,
  busy: 409,
  conflict: 409,
  too_large: 413,
  unsupported_media_type: 415,
  internal: 500,
  bad_gateway: 502,
  unavailable: 503,
} as const;

/** A stable word for machines. */
export type ProblemCode = keyof typeof PROBLEM_STATUS;

/** What else is known of a problem. */
export interface ProblemOptions extends ErrorOptions {
  /** The parameter or member of the body that is wrong. */
  field?: string;
  /** The roll that is in the way. */
  roll?: number | null;
  headers?: Record<string, string>;
}

/** The body of every answer that is not a success (RFC 9457). */
export interface ProblemBody {
  type: "about:blank";
  /** The reason phrase of `status`. */
  title: string;
  status: number;
  code: ProblemCode;
  /** One sentence for people. */
  detail: string;
  field?: string;
  roll?: number | null;
}

/** A request that cannot be done; thrown by handlers, answered as `application/problem+json`. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly #options: ProblemOptions;

  constructor(readonly code: ProblemCode, detail: string, options: ProblemOptions = {}) {
    super(detail, options);
    this.#options = options;
  }

  /** The answer. */
  response(): Response {
    const { field, roll, headers } = this.#options;
    const status = PROBLEM_STATUS[this.code];
    const body: ProblemBody = {
      type: "about:blank",
      title: STATUS_TEXT[status] ?? "",
      status,
      code: this.code,
      detail: this.message,
      ...(field === undefined ? {} : { field }),
      ...(roll === undefined ? {} : { roll }),
    };
    return new Response(JSON.stringify(body) + "\n", {
      status,
      headers: { ...headers, "content-type": "application/problem+json" },
    });
  }
}

/** `value` as it stands in a message. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
