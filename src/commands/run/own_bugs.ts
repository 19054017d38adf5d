import type { Log } from "../../platform/log.ts";

/**
 * A bug of ours in some corner must not take a healthy application down with it: what nobody caught
 * is logged, and the rest goes on. Until disposed.
 */
export function surviveOwnBugs(log: Log): Disposable {
  const onError = (event: PromiseRejectionEvent | ErrorEvent) => {
    event.preventDefault();
    const error: unknown = "reason" in event ? event.reason : event.error;
    log.error(`Internal error, please report it: ${text(error)}`, { event: "internal.error" });
  };
  addEventListener("unhandledrejection", onError);
  addEventListener("error", onError);
  return {
    [Symbol.dispose]() {
      removeEventListener("unhandledrejection", onError);
      removeEventListener("error", onError);
    },
  };
}

function text(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
