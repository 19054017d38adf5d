import { HttpConnection } from "../../tests/helpers/http.ts";
import type { Sample } from "./traffic.ts";

const REQUESTS_PER_SECOND = 50;
const MAX_BURST = 5;
const MAX_IDLE_CONNECTIONS = 8;
const TIMEOUT_MS = 20_000;
const REPORT_LINES = 8;

/** A kind of request, and whether its answer is right. */
interface Job {
  path: string;
  method: string;
  body: string | null;
  isRight(body: string, version: string): boolean;
}

const HELLO: Job = {
  path: "/",
  method: "GET",
  body: null,
  isRight: (body, version) => body === `hello from ${version}\n`,
};

const REPORT: Job = {
  path: "/report",
  method: "GET",
  body: null,
  isRight: (body) => body.endsWith(`line ${REPORT_LINES}\n`),
};

/** An answer, and when its body began. */
interface Heard {
  status: number;
  headers: Headers;
  text: string;
  firstByteAt: number;
}

/**
 * A steady trickle of requests, half of them on connections that are kept, half on new ones; some
 * are posts, some take long. No request is ever sent twice: what goes wrong is counted.
 */
export class Client {
  readonly #port: number;
  readonly #record: (sample: Sample) => void;
  readonly #idle: HttpConnection[] = [];
  readonly #open = new Set<HttpConnection>();
  readonly #underWay = new Set<Promise<void>>();
  #startedAt = 0;
  #sent = 0;
  #timer: ReturnType<typeof setInterval> | null = null;
  #isOver = false;

  /** @param record Called with every sample as soon as it is known. */
  constructor(port: number, record: (sample: Sample) => void) {
    this.#port = port;
    this.#record = record;
  }

  /** Begins to send. */
  start(): void {
    this.#startedAt = performance.now();
    this.#timer ??= setInterval(() => this.#sendDue(), 1_000 / REQUESTS_PER_SECOND);
  }

  /** Sends no more, and waits until every answer is in; after `graceMs` the rest is forgotten. */
  async stop(graceMs: number): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    const { promise: tooLate, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, graceMs);
    await Promise.race([Promise.all(this.#underWay), tooLate]);
    clearTimeout(timer);
    this.#isOver = true;
    for (const connection of [...this.#idle, ...this.#open]) connection.close();
    await Promise.all(this.#underWay);
  }

  /** Sends what is due: timers are late at times, the rate is kept. */
  #sendDue(): void {
    const due = (performance.now() - this.#startedAt) * REQUESTS_PER_SECOND / 1_000;
    for (let burst = 0; burst < MAX_BURST && this.#sent < due; burst++) this.#send();
    this.#sent = Math.max(this.#sent, Math.floor(due));
  }

  #send(): void {
    const number = this.#sent++;
    const exchange = this.#exchange(jobOf(number), number % 2 === 0);
    this.#underWay.add(exchange);
    exchange.finally(() => this.#underWay.delete(exchange));
  }

  async #exchange(job: Job, keep: boolean): Promise<void> {
    const at = new Date().toISOString();
    const began = performance.now();
    try {
      const connection = await this.#connection(keep);
      const answer = await this.#ask(connection, job, keep);
      this.#release(connection, keep);
      this.#judge(job, answer, answer.firstByteAt - began);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#tell({ at: Date.now(), ok: false, detail: `${job.path} at ${at}: ${why}` });
    }
  }

  async #ask(connection: HttpConnection, job: Job, keep: boolean): Promise<Heard> {
    this.#open.add(connection);
    if (this.#isOver) connection.close();
    const decoder = new TextDecoder();
    let firstByteAt: number | null = null;
    let text = "";
    try {
      const { status, headers } = await connection.ask(job.path, {
        method: job.method,
        headers: keep ? {} : { connection: "close" },
        timeoutMs: TIMEOUT_MS,
        ...(job.body !== null && { body: job.body }),
        onChunk(chunk) {
          firstByteAt ??= performance.now();
          text += decoder.decode(chunk, { stream: true });
        },
      });
      return { status, headers, text, firstByteAt: firstByteAt ?? performance.now() };
    } catch (error) {
      connection.close();
      throw error;
    } finally {
      this.#open.delete(connection);
    }
  }

  async #connection(keep: boolean): Promise<HttpConnection> {
    while (keep) {
      const connection = this.#idle.pop();
      if (connection === undefined) break;
      if (!connection.ended) return connection;
      connection.close();
    }
    return await HttpConnection.connect(this.#port);
  }

  #release(connection: HttpConnection, keep: boolean): void {
    const { reusable } = connection;
    if (keep && reusable && !this.#isOver && this.#idle.length < MAX_IDLE_CONNECTIONS) {
      this.#idle.push(connection);
    } else {
      connection.close();
    }
  }

  #judge(job: Job, { status, headers, text }: Heard, firstByteMs: number): void {
    const at = Date.now();
    const version = headers.get("x-version");
    if (status === 200 && version !== null && job.isRight(text, version)) {
      return this.#tell({ at, ok: true, version, firstByteMs });
    }
    const detail = `${job.path}: status ${status}, ${JSON.stringify(text.slice(0, 100))}`;
    this.#tell({ at, ok: false, detail });
  }

  #tell(sample: Sample): void {
    if (!this.#isOver) this.#record(sample);
  }
}

function jobOf(number: number): Job {
  if (number % 10 >= 8) return REPORT;
  if (number % 10 < 6) return HELLO;
  const body = `order ${number}`;
  return { path: "/echo", method: "POST", body, isRight: (answer) => answer === body };
}
