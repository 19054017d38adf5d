import type { Endpoint, Exit, Instance, StopOutcome } from "../../roll/instance.ts";

/** One container of a group, seen as an instance of its own: this is how probes see it. */
export class LoneReplica implements Instance {
  readonly host: string;
  readonly port: number;
  readonly #group: Instance;

  constructor(group: Instance, { host, port }: Endpoint) {
    this.#group = group;
    this.host = host;
    this.port = port;
  }

  get key(): string {
    return this.#group.key;
  }

  get birth(): string | null {
    return this.#group.birth;
  }

  get id(): string {
    return this.#group.id;
  }

  get pid(): number {
    return this.#group.pid;
  }

  get exit(): Exit | null {
    return this.#group.exit;
  }

  get exited(): Promise<Exit> {
    return this.#group.exited;
  }

  impostor(): Promise<string | null> {
    return this.#group.impostor();
  }

  lastLines(): readonly string[] {
    return this.#group.lastLines();
  }

  stop(): Promise<StopOutcome> {
    return this.#group.stop();
  }

  kill(): void {
    this.#group.kill();
  }
}
