import { abortable } from "@std/async/abortable";
import type { Exit, Instance, StopOutcome } from "../roll/instance.ts";
import { answerFrom } from "./site/answer_from.ts";

/** Requests have been drained by then: what still sends is cut. */
const STOP_MS = 2_000;

const ENDED: Exit = { code: 0, signal: null };

/** What tells an instance from all others, and what it is made of. */
export interface AssetsIdentity {
  readonly key: string;
  readonly id: string;
  /** Where its files are. */
  readonly directory: string;
}

/** The files of one version, and who hands them out. */
export class AssetsInstance implements Instance {
  readonly key: string;
  readonly id: string;
  readonly host: string;
  /** 0: it listens nowhere. */
  readonly port: number;
  readonly birth = null;
  readonly pid = Deno.pid;
  readonly exited: Promise<Exit>;
  readonly #server: Deno.HttpServer<Deno.NetAddr> | null;
  readonly #ended = Promise.withResolvers<Exit>();
  readonly #cut = new AbortController();
  #exit: Exit | null = null;
  #stopping: Promise<StopOutcome> | null = null;

  /** @param host Address to listen on; null: nobody asks. */
  constructor({ key, id, directory }: AssetsIdentity, host: string | null) {
    this.key = key;
    this.id = id;
    this.host = host ?? "";
    this.exited = this.#ended.promise;
    this.#server = host === null ? null : Deno.serve(
      { hostname: host, port: 0, signal: this.#cut.signal, onListen() {} },
      (request) => answerFrom(directory, request),
    );
    this.port = this.#server?.addr.port ?? 0;
    this.#server?.finished.then(() => this.#end());
  }

  get exit(): Exit | null {
    return this.#exit;
  }

  impostor(): Promise<null> {
    return Promise.resolve(null);
  }

  lastLines(): readonly string[] {
    return [];
  }

  stop(): Promise<StopOutcome> {
    if (this.#exit !== null) return Promise.resolve("already_gone");
    return this.#stopping ??= this.#stop();
  }

  kill(): void {
    this.#cut.abort();
    if (this.#server === null) this.#end();
  }

  async #stop(): Promise<StopOutcome> {
    void this.#server?.shutdown();
    if (this.#server === null) this.#end();
    const limit = AbortSignal.timeout(STOP_MS);
    const isOver = await abortable(this.exited, limit).then(() => true, () => false);
    if (isOver) return "stopped";
    this.kill();
    await this.exited;
    return "killed";
  }

  #end(): void {
    this.#exit = ENDED;
    this.#ended.resolve(ENDED);
  }
}
