import { closeStream } from "../net/close_stream.ts";
import type { Backend, Claim, CutCause } from "../backend.ts";
import type { Attempt, Dispatched } from "../dispatcher.ts";
import type { EngineOptions, PortMapping } from "../engine.ts";
import type { Deadlines, Timed } from "../net/deadlines.ts";
import { type Introduced, readPrelude } from "../net/prelude.ts";
import { PreludeError } from "../operational_error.ts";
import { type DirectionOptions, type PendingRead, pump, type PumpReport } from "../net/pump.ts";
import type { Accepted, ByteStream, Network } from "../net/stream.ts";

/** What is read before a backend is there; the rest waits in the kernel. */
const FIRST_READ_BYTES = 4096;

const NOTHING = new Uint8Array();

/** What connections share. */
export interface ConnectionOptions extends EngineOptions {
  network: Network;
  deadlines: Deadlines;
}

/** Why a connection was ended by us. */
type EndReason = "client_gone" | "cut" | "idle" | "backend_gone";

/** Who came in, and where. */
export interface Arrival {
  readonly accepted: Accepted;
  /** The public port. */
  readonly port: number;
  /** What stands behind that port. */
  readonly mapping: PortMapping["backend"];
}

/** The backend's side. */
interface Connected {
  readonly stream: ByteStream;
  readonly claim: Claim;
  /** It has nothing more to say. */
  ended: boolean;
}

/** One client's connection, from its acceptance to its end. */
export class Connection implements Timed {
  deadlineAt = Infinity;
  readonly #options: ConnectionOptions;
  readonly #arrival: Arrival;
  #client: ByteStream;
  #clientIp: string;
  readonly #abort = new AbortController();
  readonly #reasons: string[] = [];
  #connecting: AbortController | null = null;
  #backend: Connected | null = null;
  /** No backend is being connected or is there. */
  #waiting = true;
  /** It closed without having said anything. */
  #clientEnded = false;
  #tries = 0;
  /** Why we ended it. */
  #ended: EndReason | null = null;

  constructor(arrival: Arrival, options: ConnectionOptions) {
    this.#arrival = arrival;
    this.#client = arrival.accepted.stream;
    this.#clientIp = arrival.accepted.ip;
    this.#options = options;
  }

  /** Serves it to its end. Never rejects. */
  async run(): Promise<void> {
    const { counters, clock, deadlines, onError } = this.#options;
    const began = { time: Date.now(), at: clock.now() };
    counters.total++;
    counters.inFlight++;
    deadlines.add(this);
    let report: PumpReport | null = null;
    try {
      report = await this.#serve();
    } catch (error) {
      onError(error);
    } finally {
      deadlines.remove(this);
      closeStream(this.#client);
      counters.inFlight--;
      counters.durations.observe(clock.now() - began.at);
      this.#record(began, report);
    }
  }

  /** Ends it now. */
  cut(_cause: CutCause): void {
    if (this.#ended !== null) return;
    this.#options.counters.cut++;
    this.#end("cut");
  }

  /** Ends it if it only waits for its client to close, while its backend is dead. */
  backendLeft(backend: Backend): void {
    if (this.#backend?.claim.backend === backend) this.#endIfBackendIsDead();
  }

  /**
   * Nothing was heard for too long: of the client in its handshake, of the backend while connecting,
   * of either side later.
   */
  onDeadline(): void {
    this.deadlineAt = Infinity;
    if (this.#backend) this.#end("idle");
    else if (this.#connecting) this.#connecting.abort();
    else closeStream(this.#client);
  }

  async #serve(): Promise<PumpReport | null> {
    const introduced = await this.#introduce();
    if (introduced === null) {
      this.#reasons.push("bad_proxy_header");
      this.#options.onError(new PreludeError(this.#clientIp));
      return null;
    }
    this.#client = introduced.stream;
    this.#clientIp = introduced.ip;
    const fromA = { initial: introduced.rest, pending: this.#beginReading(introduced.rest) };
    if (this.#client.ready && !await this.#isSecured(this.#client.ready)) {
      this.#reasons.push("bad_handshake");
      return null;
    }
    const dispatched = await this.#options.dispatcher.dispatch<ByteStream>({
      // As CONNECT: whatever has reached a backend may have had an effect there.
      method: "CONNECT",
      idempotencyKey: false,
      signal: this.#abort.signal,
      bodyReplayable: () => true,
      onHeld: () => this.#endIfClientLeft(),
      onRetry: (reason) => {
        this.#reasons.push(reason);
        this.#endIfClientLeft();
      },
      onCut: (cause) => this.cut(cause),
      attempt: (claim) => this.#connect(claim),
    });
    if (dispatched.kind === "answer") return await this.#relay(dispatched, fromA);
    this.#countFailure(dispatched);
    return null;
  }

  /** Lets a trusted peer say for whom it speaks, if that is how it begins. */
  async #introduce(): Promise<Pick<Introduced, "stream" | "ip" | "rest"> | null> {
    const { accepted } = this.#arrival;
    const { proxyProtocol, isTrusted, deadlines, limits: { clientHeadTimeoutMs } } = this.#options;
    if (!proxyProtocol || !isTrusted(accepted.ip)) return { ...accepted, rest: NOTHING };
    return await readPrelude(accepted, deadlines, clientHeadTimeoutMs);
  }

  /**
   * Whether the TLS handshake was done in time. No backend is bothered before:
   * what it said could not be delivered, nor its end.
   */
  async #isSecured(ready: Promise<void>): Promise<boolean> {
    const { deadlines, limits } = this.#options;
    this.deadlineAt = deadlines.in(limits.clientHeadTimeoutMs);
    const isSecured = await ready.then(() => true, () => false);
    this.deadlineAt = Infinity;
    return isSecured;
  }

  /** A client that leaves while there is no backend yet is noticed, what it says is kept. */
  #beginReading({ length }: Uint8Array): PendingRead {
    const buffer = new Uint8Array(FIRST_READ_BYTES);
    const count = this.#client.read(buffer);
    const onFin = () => {
      this.#clientEnded = length === 0;
      this.#endIfClientLeft();
    };
    const onReset = () => {
      if (!this.#backend) this.#end("client_gone");
    };
    count.then((count) => count === null && onFin(), onReset);
    return { buffer, count };
  }

  /** A client that closed without having said anything does not wait for a backend. */
  #endIfClientLeft(): void {
    if (this.#clientEnded && this.#waiting) this.#end("client_gone");
  }

  async #connect({ backend: { target } }: Claim): Promise<Attempt<ByteStream>> {
    const { network, deadlines, limits } = this.#options;
    const { mapping } = this.#arrival;
    const port = "port" in mapping ? mapping.port : target.port + mapping.offset;
    const connecting = this.#connecting = new AbortController();
    this.#waiting = false;
    this.#tries++;
    this.deadlineAt = deadlines.in(limits.connectTimeoutMs);
    try {
      const answer = await network.connect(target.host, port, connecting.signal);
      return { kind: "answer", answer };
    } catch {
      this.#waiting = true;
      const late = connecting.signal.aborted ? "connect_timeout" : "connect_failed";
      const failure = this.#ended === "cut" || this.#ended === "client_gone" ? this.#ended : late;
      return { kind: "failed", failure, connection: "fresh" };
    } finally {
      this.deadlineAt = Infinity;
      this.#connecting = null;
    }
  }

  async #relay(
    { answer: stream, claim }: Extract<Dispatched<ByteStream>, { kind: "answer" }>,
    fromA: DirectionOptions,
  ): Promise<PumpReport> {
    const backend: Connected = { stream, claim, ended: false };
    this.#backend = backend;
    // It may have been cut in the very moment in which it was connected.
    if (this.#ended !== null) closeStream(stream);
    claim.becomeTunnel((cause) => this.cut(cause), { patient: true });
    const { deadlines, limits: { tunnelIdleTimeoutMs } } = this.#options;
    const onActivity = () => this.deadlineAt = deadlines.in(tunnelIdleTimeoutMs);
    const onEnd = () => {
      backend.ended = true;
      this.#endIfBackendIsDead();
    };
    onActivity();
    try {
      return await pump(this.#client, stream, { fromA, fromB: { onEnd }, onActivity });
    } finally {
      claim.release();
    }
  }

  /** A process that has ended reads nothing any more, so that half a connection is of no use. */
  #endIfBackendIsDead(): void {
    if (!this.#backend?.ended || this.#backend.claim.backend.target.alive()) return;
    this.#end("backend_gone");
  }

  /** The first reason counts. */
  #end(why: EndReason): void {
    if (this.#ended !== null) return;
    this.#ended = why;
    this.#abort.abort();
    this.#connecting?.abort();
    closeStream(this.#client);
    if (this.#backend) closeStream(this.#backend.stream);
  }

  #countFailure({ reason }: Extract<Dispatched<ByteStream>, { kind: "failed" }>): void {
    const { counters } = this.#options;
    if (reason === "client_gone") counters.clientGone++;
    else counters.failed++;
    this.#reasons.push(reason);
  }

  #record(began: { time: number; at: number }, report: PumpReport | null): void {
    const { accessLog, clock } = this.#options;
    if (report) this.#explain(report);
    const target = this.#backend?.claim.backend.target;
    accessLog?.record({
      time: began.time,
      client: this.#clientIp,
      method: "-",
      target: `:${this.#arrival.port}`,
      protocol: "TCP",
      host: "",
      userAgent: "",
      referer: "",
      status: 0,
      requestBytes: report?.fromA ?? 0,
      responseBytes: report?.fromB ?? 0,
      durationMs: clock.now() - began.at,
      backend: target?.key ?? null,
      version: target?.version ?? null,
      tries: this.#tries,
      reasons: this.#reasons,
    });
  }

  #explain({ broken }: PumpReport): void {
    if (this.#ended !== null) this.#reasons.push(this.#ended);
    else if (broken === "b") this.#reasons.push("backend_gone");
    else if (broken === "a") {
      this.#reasons.push("client_gone");
      this.#options.counters.clientGone++;
    }
  }
}
