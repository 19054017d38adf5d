import type { ContainerEnd } from "../../container/engine/container_info.ts";
import { EngineUnreachableError } from "../../container/engine/engine_error.ts";
import type { LogOptions } from "../../container/engine/logs.ts";
import { RecentLines } from "../../platform/recent_lines.ts";
import type { LineOrigin } from "../process.ts";
import type { Crew } from "./crew.ts";
import type { Replica } from "./replica.ts";

/** The stream that is followed ends with its container, or soon after. */
const STREAM_END_MS = 500;

/** An engine hears of the want of memory from somebody else than of the end, and may be late. */
const MEMORY_NEWS_MS = 300;

/** Between two looks whether it has heard. */
const LOOK_EVERY_MS = 50;

/** How a process ends that SIGKILL ended. */
const KILLED = 137;

/** What of a former life is worth remembering. */
const REMEMBERED = 100;

/** What the containers of an instance print. */
export class ContainerOutput {
  readonly #crew: Crew;
  readonly #origin: LineOrigin;
  readonly #signal: AbortSignal;
  readonly #lines = new RecentLines();
  readonly #following = new Map<string, Promise<void>>();
  /** When the engine went away in the middle of a stream, by container. */
  readonly #brokenAt = new Map<string, number>();

  /** @param signal Nobody listens any more. */
  constructor(crew: Crew, origin: LineOrigin, signal: AbortSignal) {
    this.#crew = crew;
    this.#origin = origin;
    this.#signal = signal;
  }

  /** The newest lines, oldest first. */
  lastLines(): readonly string[] {
    return this.#lines.all();
  }

  /** Hears a container that was started just now. Resolves when it has ended, or the engine. */
  follow(replica: Replica): Promise<void> {
    const { startedAt, isFirstStart } = replica;
    // What a container prints at once may be older than its start, as the engine has it.
    const isAll = isFirstStart || startedAt === null;
    return this.#begin(replica, isAll ? {} : { since: startedAt });
  }

  /** Hears a container that has run for long: what it printed before was told long ago. */
  async join(replica: Replica): Promise<void> {
    const { containerId, isTty } = replica;
    const options = { tail: REMEMBERED, isTty };
    for await (const { text } of this.#read(containerId, options, this.#signal)) {
      this.#lines.push(this.#crew.redact(text));
    }
    await this.#begin(replica, { tail: 0 });
  }

  /** The engine is back, and the container has run on. */
  async resume(replica: Replica): Promise<void> {
    const since = this.#brokenAt.get(replica.containerId);
    if (since === undefined) return;
    this.#brokenAt.delete(replica.containerId);
    await this.#begin(replica, { since });
  }

  /** Reads what the end of a container has left unread. The stream may be behind, or cut short. */
  async lastWords(replica: Replica, signal: AbortSignal): Promise<void> {
    const { containerId, isTty } = replica;
    const { engine, clock, redact } = this.#crew;
    await Promise.race([this.#following.get(containerId), clock.sleep(STREAM_END_MS, signal)]);
    const info = await engine.containers.find(containerId, signal);
    const lines: string[] = [];
    try {
      for await (const { text } of this.#read(containerId, { tail: REMEMBERED, isTty }, signal)) {
        lines.push(redact(text));
      }
    } finally {
      const known = new Set(this.#lines.all());
      for (const line of lines) if (!known.has(line)) this.#lines.push(line);
      if (info?.end?.isOutOfMemory || await this.#ranOutOfMemory(replica, info?.end, signal)) {
        this.#lines.push("(out of memory: killed by the kernel)");
      }
      // Why it could not be started at all.
      if (info?.end?.error) this.#lines.push(redact(info.end.error));
    }
  }

  /** Whether what killed it turns out to have been the kernel. */
  async #ranOutOfMemory(
    replica: Replica,
    end: ContainerEnd | null | undefined,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { clock } = this.#crew;
    const began = clock.now();
    while (!replica.isOutOfMemory && end?.code === KILLED) {
      if (clock.now() - began >= MEMORY_NEWS_MS) break;
      await clock.sleep(LOOK_EVERY_MS, signal);
    }
    return replica.isOutOfMemory;
  }

  #begin(replica: Replica, options: LogOptions): Promise<void> {
    const { containerId } = replica;
    const following = this.#listen(replica, options).finally(() => {
      if (this.#following.get(containerId) === told) this.#following.delete(containerId);
    });
    // Who waits for the end of the stream does not mind why it ended.
    const told = following.catch(() => {});
    this.#following.set(containerId, told);
    return following;
  }

  async #listen({ containerId, isTty }: Replica, options: LogOptions): Promise<void> {
    const { redact, onLine, date } = this.#crew;
    const all = { ...options, follow: true, isTty };
    try {
      for await (const { text, stream } of this.#read(containerId, all, this.#signal)) {
        const line = redact(text);
        this.#lines.push(line);
        onLine(line, stream, this.#origin);
      }
    } catch (error) {
      if (error instanceof EngineUnreachableError) this.#brokenAt.set(containerId, date());
      throw error;
    }
  }

  #read(containerId: string, options: LogOptions, signal: AbortSignal) {
    return this.#crew.engine.containers.logs(containerId, options, signal);
  }
}
