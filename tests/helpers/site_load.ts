import { type Answer, HttpConnection } from "./http.ts";
import { inTime } from "./in_time.ts";

const KEEPING = 3;
const OPENING = 2;

/** What became of the requests. */
export interface SiteReport {
  /** Answers by the version that they were of, in the order in which versions were met. */
  readonly versions: readonly string[];
  readonly failed: readonly string[];
  readonly answered: number;
}

/**
 * Clients that ask for one page again and again, whose lines have to be all of one version: a page
 * of two versions is a failure, as is everything but a whole answer.
 */
export class SiteLoad {
  readonly #port: number;
  readonly #path: string;
  readonly #failed: string[] = [];
  readonly #versions = new Map<string, PromiseWithResolvers<void>>();
  readonly #clients: Promise<void>[];
  #answered = 0;
  #isOver = false;

  constructor(port: number, path: string) {
    this.#port = port;
    this.#path = path;
    this.#clients = [
      ...Array.from({ length: KEEPING }, () => this.#client(true)),
      ...Array.from({ length: OPENING }, () => this.#client(false)),
    ];
  }

  /** Resolves when somebody was answered by `version`. @throws {Error} When nobody is in time. */
  async sees(version: string): Promise<void> {
    const soFar = () => {
      const versions = [...this.#versions.keys()].join();
      return `${this.#answered} answers, ${versions} wanted or seen, failed: ${this.#failed}`;
    };
    await inTime(`an answer of ${version}`, this.#sighting(version).promise, { soFar });
  }

  /** Lets the requests in flight end, and counts. */
  async stop(): Promise<SiteReport> {
    this.#isOver = true;
    await Promise.all(this.#clients);
    const versions = [...this.#versions.keys()];
    return { versions, failed: this.#failed, answered: this.#answered };
  }

  async #client(keep: boolean): Promise<void> {
    let connection: HttpConnection | null = null;
    while (!this.#isOver) {
      try {
        connection ??= await HttpConnection.connect(this.#port);
        this.#judge(await connection.ask(this.#path));
      } catch (error) {
        this.#failed.push(String(error));
        keep = false;
      }
      if (keep && connection?.reusable) continue;
      connection?.close();
      connection = null;
    }
    connection?.close();
  }

  #judge({ status, text }: Answer): void {
    const lines = new Set(text.trimEnd().split("\n"));
    const [version = ""] = lines;
    if (status !== 200 || lines.size !== 1) {
      this.#failed.push(`${status}: ${[...lines].join().slice(0, 100)}`);
      return;
    }
    this.#answered++;
    this.#sighting(version).resolve();
  }

  #sighting(version: string): PromiseWithResolvers<void> {
    const known = this.#versions.get(version) ?? Promise.withResolvers<void>();
    this.#versions.set(version, known);
    return known;
  }
}
