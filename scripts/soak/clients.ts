import { HttpConnection } from "../../tests/helpers/http.ts";
import type { Outcome } from "./outcome.ts";

/** One of many clients of a kind. */
export interface Client {
  /**
   * One request or session.
   *
   * @param stop Aborts when what has no end of its own is to end.
   * @throws {Error} When it failed.
   */
  once(stop: AbortSignal): Promise<Outcome>;
  /** Ends what is left of it. */
  close?(): void;
}

/** What is told about connections. */
export interface ClientOptions {
  port: number;
  onClosedIdle(): void;
}

/** A number of clients that all do the same. */
export interface Kind {
  name: string;
  clients: number;
  /** Between two requests or sessions of one client. */
  pauseMs: number;
  create(options: ClientOptions): Client;
}

type Work = (connection: HttpConnection, stop: AbortSignal) => Promise<Outcome>;

/** For tables. */
export function kind(name: string, clients: number, pauseMs: number, create: Kind["create"]): Kind {
  return { name, clients, pauseMs, create };
}

/** A connection for each request. */
export function fresh(work: Work): Kind["create"] {
  return ({ port }) => ({
    async once(stop) {
      using connection = await HttpConnection.connect(port);
      return await work(connection, stop);
    },
  });
}

/** One connection for as many requests as the server allows. */
export function keeping(work: Work): Kind["create"] {
  return ({ port, onClosedIdle }) => {
    let connection: HttpConnection | null = null;
    const close = () => {
      connection?.close();
      connection = null;
    };
    const once = async (stop: AbortSignal) => {
      if (connection?.ended) {
        onClosedIdle();
        close();
      }
      try {
        connection ??= await HttpConnection.connect(port);
        const outcome = await work(connection, stop);
        if (!connection.reusable) close();
        return outcome;
      } catch (error) {
        close();
        throw error;
      }
    };
    return { once, close };
  };
}
