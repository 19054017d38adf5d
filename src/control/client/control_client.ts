import { pieces } from "../../platform/pieces.ts";
import type { LoggedEvent } from "../../roll/logged_event.ts";
import type {
  DoctorReport,
  HistoryEntry,
  OutputLine,
  Plan,
  RequestStatus,
  RollDetails,
  Setting,
  Status,
} from "../operator.ts";
import { ConnectionLostError, type Problem, RefusedError } from "./errors.ts";
import { lines } from "./lines.ts";
import { serverSent } from "./server_sent.ts";
import { type Address, Transport } from "./transport.ts";

const ANSWER_MS = 10_000;
/** Looking through all processes and repairing what is wrong takes its time. */
const DOCTOR_MS = 120_000;
/** Another program has to be started, and to read its options. */
const UPGRADE_MS = 120_000;

/** What a caller can say about one call. */
export interface CallOptions {
  signal?: AbortSignal;
  /** @default {10_000} */
  timeoutMs?: number;
}

/** An order, as a command gives it. */
export type CommandOrder =
  | { readonly kind: "update"; readonly id: string | null; readonly force: boolean }
  | { readonly kind: "rollback"; readonly id: string | null }
  | { readonly kind: "retry" }
  | { readonly kind: "pin"; readonly id: string };

/** What comes over the stream of events. */
export type Told =
  | { readonly kind: "status"; readonly status: Status }
  | { readonly kind: "event"; readonly event: LoggedEvent };

/**
 * Talks to a running liveroll.
 *
 * Every method throws what {@linkcode Transport.ask} throws, and a {@linkcode RefusedError} when
 * liveroll says no.
 */
export class ControlClient implements Disposable {
  readonly #transport: Transport;

  constructor(address: Address) {
    this.#transport = new Transport(address);
  }

  /** The socket or the address, for people. */
  get where(): string {
    return this.#transport.where;
  }

  async status(options?: CallOptions): Promise<Status> {
    return await this.#get<Status>("/v1/status", options);
  }

  /** Newest first. */
  async history(limit: number, options?: CallOptions): Promise<HistoryEntry[]> {
    return await this.#get<HistoryEntry[]>(`/v1/history?limit=${limit}`, options);
  }

  async roll(id: number, options?: CallOptions): Promise<RollDetails> {
    return await this.#get<RollDetails>(`/v1/rolls/${id}`, options);
  }

  /** The newest decisions, oldest first. */
  async decisions(limit: number, options?: CallOptions): Promise<LoggedEvent[]> {
    return await this.#get<LoggedEvent[]>(`/v1/why?limit=${limit}`, options);
  }

  async request(id: number, options?: CallOptions): Promise<RequestStatus> {
    return await this.#get<RequestStatus>(`/v1/requests/${id}`, options);
  }

  async doctor(fix: boolean, options: CallOptions = {}): Promise<DoctorReport> {
    const limited = { timeoutMs: DOCTOR_MS, ...options };
    return fix
      ? await this.#post<DoctorReport>("/v1/doctor/fix", undefined, limited)
      : await this.#get<DoctorReport>("/v1/doctor", limited);
  }

  /** @returns The number of the request; its end is to be asked for. */
  async order(order: CommandOrder, options?: CallOptions): Promise<number> {
    const { kind, ...body } = order;
    const answer = await this.#post<{ request: number }>(`/v1/${kind}`, body, options);
    return answer.request;
  }

  /** What an order would do now. */
  async plan(order: CommandOrder, options?: CallOptions): Promise<Plan> {
    const { kind, ...body } = order;
    return await this.#post<Plan>(`/v1/${kind}`, { ...body, dry_run: true }, options);
  }

  /** @returns All settings, when this one holds. */
  async set(setting: Setting, options?: CallOptions): Promise<Status["settings"]> {
    const { kind, ...body } = setting;
    return await this.#post<Status["settings"]>(`/v1/${kind}`, body, options);
  }

  /**
   * Asks it for a liveroll that takes its place; it does later.
   *
   * @returns The pid of that one.
   */
  async upgrade(binary: string | null, options: CallOptions = {}): Promise<number> {
    const limited = { timeoutMs: UPGRADE_MS, ...options };
    return (await this.#post<{ pid: number }>("/v1/upgrade", { binary }, limited)).pid;
  }

  /** Asks it to stop in order; it does later. */
  async stop(options?: CallOptions): Promise<void> {
    await this.#post("/v1/stop", undefined, options);
  }

  /** The newest lines that instances printed, oldest first; of one roll, or of all. */
  async output(
    what: { roll: number | null; limit: number },
    signal: AbortSignal,
  ): Promise<AsyncIterable<OutputLine>> {
    return await this.#output(what, false, signal);
  }

  /** The same, and then those that come. Ends with the signal's reason, or when liveroll stops. */
  async follow(
    what: { roll: number | null; limit: number },
    signal: AbortSignal,
  ): Promise<AsyncIterable<OutputLine>> {
    return await this.#output(what, true, signal);
  }

  /** Everything that happens from now on; begins with the status. */
  async *events(signal: AbortSignal): AsyncGenerator<Told> {
    const stream = await this.#open("/v1/events", signal);
    for await (const { event, data } of serverSent(stream)) {
      if (event === "status") yield { kind: "status", status: this.#parse<Status>(data) };
      if (event === "event") yield { kind: "event", event: this.#parse<LoggedEvent>(data) };
    }
  }

  async #output(
    { roll, limit }: { roll: number | null; limit: number },
    follow: boolean,
    signal: AbortSignal,
  ): Promise<AsyncIterable<OutputLine>> {
    const path = roll === null ? "/v1/logs" : `/v1/rolls/${roll}/logs`;
    const query = `?limit=${limit}${follow ? "&follow=true" : ""}`;
    return this.#outputLines(await this.#open(path + query, signal));
  }

  async *#outputLines(stream: AsyncIterable<string>): AsyncGenerator<OutputLine> {
    for await (const line of stream) {
      if (line.trim() !== "") yield this.#parse<OutputLine>(line);
    }
  }

  /** The lines of a stream. */
  async #open(path: string, signal: AbortSignal): Promise<AsyncGenerator<string>> {
    const response = await this.#transport.open(path, signal);
    if (!response.ok) throw this.#refusal(response.status, await response.text());
    return this.#lines(response.body ?? new Blob([]).stream(), signal);
  }

  async *#lines(body: ReadableStream<Uint8Array>, signal: AbortSignal): AsyncGenerator<string> {
    try {
      yield* lines(pieces(body, signal));
    } catch (cause) {
      signal.throwIfAborted();
      throw new ConnectionLostError(`the connection to ${this.where} broke`, { cause });
    }
  }

  async #get<T>(path: string, options: CallOptions = {}): Promise<T> {
    return await this.#ask<T>({ method: "GET", path }, options);
  }

  async #post<T>(path: string, body: unknown, options: CallOptions = {}): Promise<T> {
    return await this.#ask<T>({ method: "POST", path, body: body ?? {} }, options);
  }

  async #ask<T>(
    call: { method: "GET" | "POST"; path: string; body?: unknown },
    { signal, timeoutMs = ANSWER_MS }: CallOptions,
  ): Promise<T> {
    const { status, text } = await this.#transport.ask({ ...call, signal }, timeoutMs);
    if (status < 200 || status > 299) throw this.#refusal(status, text);
    return text === "" ? undefined as T : this.#parse<T>(text);
  }

  #refusal(status: number, text: string): Error {
    const problem = problemIn(text);
    if (problem !== null) return new RefusedError({ ...problem, status });
    return new ConnectionLostError(`${this.where} answered ${status}, this is not liveroll's API`);
  }

  #parse<T>(text: string): T {
    try {
      return JSON.parse(text) as T;
    } catch (cause) {
      const message =
        `${this.where} answered something that is not JSON, this is not liveroll's API`;
      throw new ConnectionLostError(message, { cause });
    }
  }

  [Symbol.dispose](): void {
    this.#transport[Symbol.dispose]();
  }
}

function problemIn(text: string): Problem | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || !("title" in value)) return null;
    const { title, status, detail, code, field, roll } = value as Partial<Problem>;
    return {
      type: "about:blank",
      title: String(title),
      status: Number(status),
      detail: String(detail ?? ""),
      code: String(code ?? ""),
      ...(typeof field === "string" ? { field } : {}),
      ...(typeof roll === "number" ? { roll } : {}),
    };
  } catch {
    return null;
  }
}
