/**
 * The signals that liveroll acts on.
 *
 * USR1 is not among them: under `deno run` it opens the inspector, whoever else listens.
 */
export const SIGNALS = ["TERM", "INT", "QUIT", "HUP", "USR2"] as const;

/** One of {@linkcode SIGNALS}. */
export type SignalName = (typeof SIGNALS)[number];

/** What to do on which signal; handlers must not wait. */
export type SignalHandlers = Partial<Record<SignalName, () => void>>;

/** Calls `handlers` on their signals until the result is disposed. */
export function onSignals(handlers: SignalHandlers): Disposable {
  const listening = SIGNALS.flatMap((name) => {
    const handler = handlers[name];
    return handler ? [{ signal: `SIG${name}` as const, handler }] : [];
  });
  for (const { signal, handler } of listening) Deno.addSignalListener(signal, handler);
  return {
    [Symbol.dispose]() {
      for (const { signal, handler } of listening) Deno.removeSignalListener(signal, handler);
    },
  };
}
