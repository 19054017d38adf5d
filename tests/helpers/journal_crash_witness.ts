import type { Liveroll } from "./liveroll.ts";

/** Moments in which somebody may have been started or let in. */
const MOMENTS = /^(roll\.(candidate|switched)|instance\.(adopted|leftover|stopped)|drained)$/;

/**
 * Looks on while liveroll lives: every request is answered, and there are never two children on a
 * port.
 */
export class Witness implements AsyncDisposable {
  readonly #liveroll: Liveroll;
  readonly #complaints: string[] = [];
  readonly #asking: Promise<void>;
  #isOver = false;

  constructor(liveroll: Liveroll) {
    this.#liveroll = liveroll;
    liveroll.log.onLine = ({ event }) => {
      if (MOMENTS.test(event ?? "")) this.#lookAtPorts();
    };
    this.#asking = this.#ask();
    this.#asking.catch(() => {});
  }

  /** @throws {Error} With everything that was not as it should be. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#asking;
    this.#lookAtPorts();
    if (this.#complaints.length > 0) throw new Error(this.#complaints.join("; "));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.#liveroll.log.onLine = () => {};
    await this.#asking.catch(() => {});
  }

  async #ask(): Promise<void> {
    await this.#liveroll.log.waitForLine("listening", ({ event }) => event === "listening");
    while (!this.#isOver) {
      const { status, text } = await this.#liveroll.ask();
      if (status !== 200) this.#complaints.push(`answered ${status} ${text}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  #lookAtPorts(): void {
    const ports = [...this.#liveroll.children().values()].map(([one]) => one?.env.PORT);
    if (new Set(ports).size < ports.length) {
      this.#complaints.push(`two children on a port: ${ports.join(", ")}`);
    }
  }
}
