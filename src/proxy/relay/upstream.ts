import { closeStream } from "../net/close_stream.ts";
import type { Backend } from "../backend.ts";
import type { Deadlines, Timed } from "../net/deadlines.ts";
import type { ByteStream } from "../net/stream.ts";
import type { Buffers } from "./buffers.ts";
import { Input } from "./input.ts";

/** What a connection is used for. */
export interface UpstreamUser {
  /** The backend took too long, at whatever it was doing; must not throw. */
  onUpstreamLate(): void;
}

/** One connection to a backend: used by one request at a time, idle in between. */
export class Upstream implements Timed {
  readonly input: Input;
  deadlineAt = Infinity;
  /** When it was last given back, on the clock of {@linkcode Deadlines.now}. */
  idleSince = -Infinity;
  #user: UpstreamUser | null = null;
  #closed = false;
  #deadlines: Deadlines;

  constructor(
    readonly backend: Backend,
    readonly stream: ByteStream,
    { deadlines, buffers }: { deadlines: Deadlines; buffers: Buffers },
  ) {
    this.input = new Input(stream, buffers.middle, buffers.download);
    this.#deadlines = deadlines;
    deadlines.add(this);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** It has carried a request before. */
  get reused(): boolean {
    return this.idleSince !== -Infinity;
  }

  use(user: UpstreamUser): void {
    this.#user = user;
    this.input.onEnd = this.input.onBytes = null;
  }

  /**
   * Waits for the next user. A backend that says anything now, or closes, is done with: whatever it
   * says belongs to no request (RFC 9112, 9.2).
   */
  rest(ms: number, onUseless: () => void): void {
    this.#user = null;
    this.idleSince = this.#deadlines.now;
    this.deadlineAt = this.#deadlines.in(ms);
    this.input.shrink();
    this.input.onEnd = this.input.onBytes = onUseless;
    this.input.fill();
  }

  onDeadline(): void {
    this.deadlineAt = Infinity;
    if (this.#user) this.#user.onUpstreamLate();
    else this.input.onEnd?.();
  }

  /** Ends it at once, unless it is somebody else's by now. */
  closeFor(user: UpstreamUser): void {
    if (this.#user === user) this.close();
  }

  /** Ends it at once; safe to call again. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#deadlines.remove(this);
    closeStream(this.stream);
    this.input.close();
  }
}
