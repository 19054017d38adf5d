import type { ContainerEnd } from "../../container/engine/container_info.ts";
import type { CreateBody } from "../../container/engine/create_body.ts";
import type { Engine } from "../../container/engine/engine.ts";
import { RecentLines } from "../../platform/recent_lines.ts";

/** Time to clean up after it. */
const REMOVE_MS = 30_000;

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
): Promise<OneShotEnd> {
  const limit = AbortSignal.timeout(timeoutMs);
  const either = AbortSignal.any([signal, limit]);
  const last = new RecentLines();
  try {
    const { id } = await engine.containers.create(name, body, either);
    await engine.containers.start(id, either);
    for await (const { text } of engine.containers.logs(id, { follow: true }, either)) {
      last.push(text);
      onLine(text);
    }
    return { ...await engine.containers.wait(id, either), lastLines: last.all() };
  } catch (error) {
    signal.throwIfAborted();
    if (!limit.aborted) throw error;
    throw new Error(`it took longer than ${timeoutMs / 1000} s`, { cause: error });
  } finally {
    // Also one whose creation was cut off half way: it would keep its name.
    await engine.containers.remove(name, AbortSignal.timeout(REMOVE_MS)).catch(() => {});
  }
}
