import type { CutCause } from "../backend.ts";
import { pump } from "../net/pump.ts";
import type { ByteStream } from "../net/stream.ts";
import type { Client } from "./client.ts";
import { closeFrame, FrameTracker } from "./frames.ts";
import { InputStream } from "./input_stream.ts";
import type { Relay } from "./relay.ts";
import type { Upstream } from "./upstream.ts";

/** How long the end of a frame is waited for before the connection is just closed. */
const BOUNDARY_WAIT_MS = 1000;

/** How long a WebSocket client may take to close its side after it was told. */
const LAST_WORD_MS = 1000;

/** RFC 6455, 7.4.1, and the registry of close codes. */
const CLOSE: Record<CutCause, [code: number, reason: string]> = {
  drain: [1012, "Service restart"],
  shutdown: [1001, "Going away"],
};

/** An upgraded connection: bytes pass as they are, both ways, until both sides have ended. */
export class Tunnel {
  deadlineAt: number;
  #relay: Relay;
  #client: Client;
  #upstream: Upstream;
  #backend: BackendStream;
  #cut = false;
  /** Null where the bytes are not WebSocket frames. */
  #frames: FramedStream | null;

  constructor(relay: Relay, client: Client, upstream: Upstream, protocol: string | null) {
    this.#relay = relay;
    this.#client = client;
    this.#upstream = upstream;
    this.#frames = protocol === "websocket" ? new FramedStream(client.stream) : null;
    this.#backend = new BackendStream(upstream.input, upstream.stream);
    this.deadlineAt = this.#idleDeadline();
    relay.deadlines.add(this);
  }

  /**
   * @param head The answer that makes the tunnel.
   * @returns Bytes that went each way, when it is over.
   * @throws When the client is gone before it has the answer.
   */
  async run(head: Uint8Array): Promise<{ sent: number; received: number }> {
    const { input, stream } = this.#client;
    const client = new InputStream(input, this.#frames ?? stream);
    const backend = this.#backend;
    const onActivity = () => {
      if (!this.#cut) this.deadlineAt = this.#idleDeadline();
    };
    try {
      await this.#client.send(head);
      const report = await pump(client, backend, { onActivity });
      return { sent: report.fromA, received: report.fromB };
    } finally {
      this.#relay.deadlines.remove(this);
      this.#close();
    }
  }

  onDeadline(): void {
    this.#close();
  }

  /** Ends it; a WebSocket client is told why if a frame's end comes in time. Must not throw. */
  cut(cause: CutCause): void {
    if (!this.#frames) return this.#close();
    if (this.#cut) return;
    this.#cut = true;
    this.deadlineAt = this.#relay.deadlines.in(BOUNDARY_WAIT_MS);
    this.#frames.end(closeFrame(...CLOSE[cause]), () => this.#closePolitely());
  }

  /**
   * The client has the last word: it may be sending still, and whoever sends to a connection that was
   * closed at once gets a reset, perhaps before it has read why.
   */
  #closePolitely(): void {
    this.deadlineAt = this.#relay.deadlines.in(LAST_WORD_MS);
    this.#backend.muted = true;
    this.#upstream.close();
    this.#client.stream.closeWrite().catch(() => {});
  }

  #close(): void {
    this.#client.close();
    this.#upstream.close();
  }

  #idleDeadline(): number {
    return this.#relay.deadlines.in(this.#relay.options.limits.tunnelIdleTimeoutMs);
  }
}

/** A backend that may be gone before its client: what the client still says then is dropped. */
class BackendStream extends InputStream {
  muted = false;

  override write(bytes: Uint8Array): Promise<number> {
    return this.muted ? Promise.resolve(bytes.length) : super.write(bytes);
  }
}

/** Writes WebSocket frames, and can stop between two of them. */
class FramedStream implements ByteStream {
  #stream: ByteStream;
  #tracker = new FrameTracker();
  #writing = false;
  #ended = false;
  #last: { frame: Uint8Array; onEnd(): void } | null = null;

  constructor(stream: ByteStream) {
    this.#stream = stream;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    return this.#stream.read(buffer);
  }

  async write(bytes: Uint8Array): Promise<number> {
    if (this.#ended) throw new Error("Cannot write: the WebSocket was closed");
    this.#writing = true;
    const written = await this.#stream.write(this.#allowed(bytes));
    this.#tracker.advance(bytes.subarray(0, written), false);
    this.#writing = false;
    if (this.#last && this.#tracker.atBoundary) await this.#finish();
    return written;
  }

  closeWrite(): Promise<void> {
    return this.#stream.closeWrite();
  }

  /** After the last frame it is the client who ends it, or the tunnel's deadline. */
  close(): void {
    if (!this.#ended) this.#stream.close();
  }

  /** Lets the frame under way finish, sends `frame`, and nothing after it. */
  end(frame: Uint8Array, onEnd: () => void): void {
    this.#last = { frame, onEnd };
    if (!this.#writing && this.#tracker.atBoundary) this.#finish();
  }

  /** What may be written of `bytes`: all of it, or up to the end of the frame under way. */
  #allowed(bytes: Uint8Array): Uint8Array {
    if (!this.#last) return bytes;
    return bytes.subarray(0, this.#tracker.clone().advance(bytes, true));
  }

  async #finish(): Promise<void> {
    const { frame, onEnd } = this.#last as { frame: Uint8Array; onEnd(): void };
    this.#ended = true;
    try {
      await this.#stream.write(frame);
    } catch {
      // The client is gone.
    }
    onEnd();
  }
}
