import type { Descriptors } from "./descriptor.ts";
import { OwnerConnection } from "./owner_connection.ts";
import { SteadyServer } from "./steady_server.ts";

/** Where successors knock. */
export class Door {
  readonly #server: SteadyServer;

  private constructor(server: SteadyServer) {
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
    const server = new SteadyServer({ path }, {
      descriptors,
      onConnection: (socket) => onKnock(new OwnerConnection(socket)),
      // A successor waits, and tells if it is for too long.
      onTrouble: () => {},
    });
    await server.begun;
    Deno.chmodSync(path, 0o600);
    // Deno leaves unix servers open to children. One that outlives us would keep the door open, and
    // successors would wait for an answer.
    const fd = server.ownDescriptor;
    if (fd !== null) descriptors.closeOnExec(fd);
    return new Door(server);
  }

  /** Nobody may knock any more; who did is left alone. Safe to call again. */
  close(): void {
    this.#server.close();
  }
}
