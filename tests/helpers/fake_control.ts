import { PAGE_FILES } from "../../src/control/page/mod.ts";
import { type ControlServer, startControl } from "../../src/control/server.ts";
import { FakeOperator } from "./fake_operator.ts";
import { PortClaim } from "./ports.ts";

/** What to start. */
export interface FakeControlOptions {
  /** Null: nobody is asked for one. @default {null} */
  token?: string | null;
  /** How long ago the life of its liveroll began. @default {0} */
  behindMs?: number;
}

/** The control server with its page, in front of a liveroll that does what a test tells it to. */
export class FakeControl implements AsyncDisposable {
  readonly operator: FakeOperator;
  /** What the server did not expect. */
  readonly errors: unknown[] = [];
  readonly #claim = new PortClaim(1);
  readonly #token: string | null;
  #server: ControlServer | null = null;

  private constructor({ token = null, behindMs = 0 }: FakeControlOptions) {
    this.operator = new FakeOperator("v1", { behindMs });
    this.#token = token;
  }

  /** Starts it. */
  static async start(options: FakeControlOptions = {}): Promise<FakeControl> {
    const control = new FakeControl(options);
    await control.comeBack();
    return control;
  }

  /** Address of the page. */
  get url(): string {
    return `http://127.0.0.1:${this.#claim.ports[0]}/`;
  }

  /** Nobody listens any more; connections end. */
  async goAway(): Promise<void> {
    await this.#server?.close();
    this.#server = null;
  }

  /** As before, at the same address. */
  async comeBack(): Promise<void> {
    this.#server = await startControl({
      operator: this.operator,
      socketPath: null,
      listen: { host: "127.0.0.1", port: this.#claim.ports[0] ?? 0 },
      token: this.#token,
      webhookSecret: null,
      page: PAGE_FILES,
      onError: (error) => this.errors.push(error),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.goAway();
    this.#claim[Symbol.dispose]();
  }
}
