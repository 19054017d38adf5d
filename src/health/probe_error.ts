/** Says for people why a probe that connects came to nothing. */
export function explainProbeError(
  error: unknown,
  signal: AbortSignal,
  elapsedMs: number,
): string {
  if (signal.aborted) return explainAbort(signal, elapsedMs);
  if (error instanceof Deno.errors.ConnectionRefused) return "connection refused";
  if (error instanceof Deno.errors.ConnectionReset) return "connection reset";
  return error instanceof Error ? error.message : String(error);
}

/** Tells a deadline from everything else that ends a probe. */
export function explainAbort({ reason }: AbortSignal, elapsedMs: number): string {
  const isLate = reason instanceof DOMException && reason.name === "TimeoutError";
  return isLate ? `no answer within ${seconds(elapsedMs)}` : "given up";
}

function seconds(ms: number): string {
  return ms < 950 ? `${Math.round(ms)}ms` : `${Number((ms / 1000).toFixed(1))}s`;
}
