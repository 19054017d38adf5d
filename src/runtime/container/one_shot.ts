import type { ContainerEnd } from "../../container/engine/container_info.ts";
import type { CreateBody } from "../../container/engine/create_body.ts";
import type { Engine } from "../../container/engine/engine.ts";
import { EngineError } from "../../container/engine/engine_error.ts";
import { type Clock, systemClock } from "../../platform/clock.ts";
import { RecentLines } from "../../platform/recent_lines.ts";

/** Time to clean up after it. */
const REMOVE_MS = 30_000;
const RETRY_MS = 1_000;

/** A container that does one thing. */
export interface OneShot {
  readonly name: string;
  readonly body: CreateBody;
  readonly timeoutMs: number;
  /** Hears what it prints. */
  onLine(line: string): void;
}

/** How it ended. */
export interface OneShotEnd extends ContainerEnd {
  /** The newest lines, oldest first. */
  readonly lastLines: readonly string[];
}

/** It did not end by itself, and could not be removed: it may run. */
export class LeftError extends Error {
  override readonly name = "LeftError";
}

/**
 * Runs a container to its end and removes it.
 *
 * @throws {LeftError} When it is not known to have ended, whatever came before: that is the cause.
 * @throws {Error} When it takes too long, or cannot be run; nothing of it is left running then.
 * @throws The reason of `signal`, when it aborts.
 */
export async function runOnce(
  engine: Pick<Engine, "containers">,
  shot: OneShot,
  signal: AbortSignal,
  clock: Clock = systemClock,
): Promise<OneShotEnd> {
  const over = new AbortController();
  const end = run(engine, shot, signal, over.signal);
  const failure = await end.then(() => null, (error: unknown) => ({ error }));
  over.abort();
  // Also one whose creation was cut off half way: it would keep its name.
  const isGone = await remove(engine, shot.name, clock);
  if (isGone || failure === null) return await end;
  throw leftBehind(shot.name, failure.error);
}

async function run(
  engine: Pick<Engine, "containers">,
  { name, body, timeoutMs, onLine }: OneShot,
  signal: AbortSignal,
  over: AbortSignal,
): Promise<OneShotEnd> {
  const limit = AbortSignal.timeout(timeoutMs);
  const either = AbortSignal.any([signal, limit, over]);
  const last = new RecentLines();
  const onText = (text: string) => {
    last.push(text);
    onLine(text);
  };
  try {
    const { id } = await engine.containers.create(name, body, either);
    await engine.containers.start(id, either);
    const listening = listen(engine, id, onText, either);
    const [end] = await Promise.all([engine.containers.wait(id, either), listening]);
    // A last line without an end is not among those that were followed.
    for (const line of await read(engine, id, either)) {
      if (!last.all().includes(line)) onText(line);
    }
    return { ...end, lastLines: last.all() };
  } catch (error) {
    signal.throwIfAborted();
    if (!limit.aborted) throw error;
    throw new Error(`it took longer than ${timeoutMs / 1000} s`, { cause: error });
  }
}

async function listen(
  engine: Pick<Engine, "containers">,
  id: string,
  onText: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const { text } of engine.containers.logs(id, { follow: true }, signal)) onText(text);
  } catch (error) {
    // Where the operator has it log to elsewhere, nothing can be read here.
    if (!(error instanceof EngineError)) throw error;
  }
}

async function read(
  engine: Pick<Engine, "containers">,
  id: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const lines: string[] = [];
  const onText = (text: string) => void lines.push(text);
  try {
    for await (const { text } of engine.containers.logs(id, { tail: 1 }, signal)) onText(text);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
  }
  return lines;
}

function leftBehind(name: string, cause: unknown): LeftError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new LeftError(`container ${name} may still run: ${why}`, { cause });
}

/** An engine that is away is waited for, for a while. @returns It is gone. */
async function remove(
  engine: Pick<Engine, "containers">,
  name: string,
  clock: Clock,
): Promise<boolean> {
  const until = clock.now() + REMOVE_MS;
  for (;;) {
    try {
      await engine.containers.remove(name, AbortSignal.timeout(REMOVE_MS));
      return true;
    } catch {
      if (clock.now() >= until) return false;
      await clock.sleep(RETRY_MS);
    }
  }
}
