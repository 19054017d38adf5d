import { LastingServer, type LastingServerOptions } from "../platform/lasting_server.ts";
import { denoErrorText } from "./listen_error.ts";

/** What a {@linkcode Listener} needs. */
export interface ListenerOptions {
  /** Where it listens, for people. */
  name: string;
  /** Begins to listen; called again when that has ended by itself. @throws */
  serve: LastingServerOptions<Deno.Addr>["serve"];
  /** Told why it had to listen again; must not throw. */
  onError(error: unknown): void;
}

/** A {@linkcode LastingServer} whose troubles say where it listens. */
export class Listener {
  readonly #server: LastingServer<Deno.Addr>;

  /** @throws {Error} When it cannot listen. */
  constructor({ name, serve, onError }: ListenerOptions) {
    const onTrouble = (cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      onError(new Error(`Cannot accept connections on ${name}: ${why}; trying again`, { cause }));
    };
    try {
      this.#server = new LastingServer({ serve, onTrouble });
    } catch (error) {
      throw new Error(`Cannot listen on ${name}: ${denoErrorText(error)}`, { cause: error });
    }
  }

  get addr(): Deno.Addr {
    return this.#server.addr;
  }

  /** Stops listening and waits for all answers; never rejects. */
  close(): Promise<void> {
    return this.#server.close();
  }
}
