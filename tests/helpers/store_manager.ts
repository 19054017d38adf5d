import { assertEquals, assertNotEquals } from "@std/assert";
import { DescriptorStore } from "../../src/handover/descriptor_store.ts";
import type { Libc } from "../../src/handover/libc.ts";
import { handoverMeans } from "../../src/handover/means.ts";
import { receiveMessage, type SocketMessage } from "../../src/handover/socket_message.ts";
import { unixAddress } from "../../src/handover/unix_address.ts";
import { libc } from "./handover.ts";

/** The end of the service manager. */
export class StoreManager implements Disposable {
  readonly address: string;
  readonly #libc: Libc = libc();
  readonly #socket: number;

  constructor(address = `@liveroll-test-${crypto.randomUUID()}`) {
    this.address = address;
    this.#socket = this.#libc.socket(1, 2, 0);
    const place = unixAddress(address);
    assertEquals(this.#libc.bind(this.#socket, place, place.length), 0);
  }

  get env(): (name: string) => string | undefined {
    const values: Record<string, string> = { NOTIFY_SOCKET: this.address, FDSTORE: "4" };
    return (name) => values[name];
  }

  store(): DescriptorStore {
    const store = DescriptorStore.open({ env: this.env });
    assertNotEquals(store, null);
    return store!;
  }

  /** The next message, and where the listening sockets that came with it are bound. */
  next() {
    return this.#read(receiveMessage(this.#libc, this.#socket)!);
  }

  #read({ data, fds }: SocketMessage) {
    const { descriptors } = handoverMeans();
    const ports = fds.map((fd) => descriptors.address(fd)?.port ?? null);
    for (const fd of fds) this.#libc.close(fd);
    return { text: new TextDecoder().decode(data), ports };
  }

  /** As {@linkcode next}, of what is still on its way. */
  async arrival() {
    for (;;) {
      const message = receiveMessage(this.#libc, this.#socket);
      if (message !== null) return this.#read(message);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  [Symbol.dispose](): void {
    this.#libc.close(this.#socket);
  }
}
