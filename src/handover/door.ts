import { createServer, type Server, type Socket } from "node:net";
import { OwnerConnection } from "./owner_connection.ts";

/** Where successors knock. */
export class Door {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /**
   * Listens on the unix socket `path`, for this user only.
   *
   * @param onKnock Takes a successor; it is its to close.
   */
  static async open(path: string, onKnock: (connection: OwnerConnection) => void): Promise<Door> {
    const server = createServer((socket: Socket) => onKnock(new OwnerConnection(socket)));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ path }, resolve);
    });
    Deno.chmodSync(path, 0o600);
    return new Door(server);
  }

  /** Nobody may knock any more; who did is left alone. Safe to call again. */
  close(): void {
    this.#server.close();
  }
}
