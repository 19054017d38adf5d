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

/**
 * Runs a container to its end and removes it.
 *
 * @throws {Error} When it takes too long, or cannot be run; nothing of it is left running then.
 * @throws The reason of `signal`, when it aborts.
 */
export async function runOnce(
  engine: Pick<Engine, "containers">,
  { name, body, timeoutMs, onLine }: OneShot,
  signal: AbortSignal,
  clock: Clock = systemClock,
): Promise<OneShotEnd> {
  const limit = AbortSignal.timeout(timeoutMs);
  const over = new AbortController();
  const either = AbortSignal.any([signal, limit, over.signal]);
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
  } finally {
    over.abort();
    // Also one whose creation was cut off half way: it would keep its name.
    await remove(engine, name, clock);
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

/** An engine that is away is waited for: what changes data must not go on unseen. */
async function remove(engine: Pick<Engine, "containers">, name: string, clock: Clock) {
  const until = clock.now() + REMOVE_MS;
  for (;;) {
    try {
      return await engine.containers.remove(name, AbortSignal.timeout(REMOVE_MS));
    } catch {
      if (clock.now() >= until) return;
      await clock.sleep(RETRY_MS);
    }
  }
}
