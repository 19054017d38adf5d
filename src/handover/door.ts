import { createServer, type Server, type Socket } from "node:net";
import type { Descriptors } from "./descriptor.ts";
import { ownDescriptorOf } from "./handle.ts";
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
  static async open(
    path: string,
    descriptors: Descriptors,
    onKnock: (connection: OwnerConnection) => void,
  ): Promise<Door> {
    const server = createServer((socket: Socket) => onKnock(new OwnerConnection(socket)));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ path }, resolve);
    });
    Deno.chmodSync(path, 0o600);
    // Deno leaves unix servers open to children. One that outlives us would keep the door open, and
    // successors would wait for an answer.
    const fd = ownDescriptorOf(server);
    if (fd !== null) descriptors.closeOnExec(fd);
    return new Door(server);
  }

  /** Nobody may knock any more; who did is left alone. Safe to call again. */
  close(): void {
    this.#server.close();
  }
}
