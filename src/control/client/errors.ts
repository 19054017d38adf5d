/** An answer of the API that is no success, after RFC 9457. */
export interface Problem {
  type: "about:blank";
  title: string;
  status: number;
  detail: string;
  /** Stable word, for machines; for example `busy`. */
  code: string;
  /** What is wrong in the request. */
  field?: string;
  /** The roll that is in the way. */
  roll?: number | null;
}

/** Nobody listens there. Nothing was sent. */
export class NotRunningError extends Error {
  override readonly name = "NotRunningError";

  /**
   * @param where The socket or address that was tried.
   * @param why `absent`: there is no socket; `refused`: there is one, but nobody listens to it.
   */
  constructor(readonly where: string, readonly why: "absent" | "refused", cause?: unknown) {
    super(
      why === "absent" ? `there is no socket ${where}` : `nobody listens on ${where}`,
      { cause },
    );
  }
}

/** The connection broke, or what answered is not liveroll. What was sent may have been heard. */
export class ConnectionLostError extends Error {
  override readonly name = "ConnectionLostError";
}

/** There was no answer in time. What was sent may have been heard. */
export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
}

/** liveroll said no. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";

  constructor(readonly problem: Problem) {
    super(problem.detail || problem.title);
  }
}
