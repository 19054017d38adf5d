import { assert, assertEquals, assertFalse, assertNotEquals } from "@std/assert";
import { NotifySocket } from "../../../src/handover/notify_socket.ts";
import { until } from "../platform/processes.ts";

/** A child that sends messages to a socket. */
class Sender implements Disposable {
  readonly #conn: Deno.DatagramConn;
  readonly #to: Deno.UnixAddr;

  constructor({ address }: NotifySocket) {
    const own = `\0liveroll-test-${crypto.randomUUID()}`;
    this.#conn = Deno.listenDatagram({ transport: "unixpacket", path: own });
    this.#to = { transport: "unixpacket", path: `\0${address.slice(1)}` };
  }

  async send(message: string): Promise<void> {
    await this.#conn.send(new TextEncoder().encode(message), this.#to);
  }

  [Symbol.dispose](): void {
    this.#conn.close();
  }
}

async function withSocket(work: (socket: NotifySocket, sender: Sender) => Promise<void>) {
  const socket = new NotifySocket();
  try {
    using sender = new Sender(socket);
    await work(socket, sender);
  } finally {
    await socket.close();
  }
}

Deno.test("NotifySocket is ready from READY=1 to STOPPING=1", async () => {
  await withSocket(async (socket, sender) => {
    assertFalse(socket.ready);
    await sender.send("READY=1\n");
    await until(() => socket.ready);
    await sender.send("STOPPING=1");
    await until(() => !socket.ready);
  });
});

Deno.test("NotifySocket keeps the last status, short", async () => {
  await withSocket(async (socket, sender) => {
    assertEquals(socket.status, null);
    await sender.send("STATUS=migrating 1 of 7\nSTATUS= migrating 2 of 7 ");
    await until(() => socket.status === "migrating 2 of 7");
    await sender.send(`STATUS=${"x".repeat(10_000)}`);
    await until(() => socket.status?.startsWith("x") ?? false);
    assert(socket.status!.length <= 500);
    await sender.send("STATUS=");
    await until(() => socket.status === null);
  });
});

Deno.test("NotifySocket takes nothing for readiness but the line itself", async () => {
  await withSocket(async (socket, sender) => {
    for (const text of ["", "READY=0", "XREADY=1", "STATUS=READY=1", "READY=1x", "\0READY=1"]) {
      await sender.send(text);
    }
    await sender.send("STATUS=all were heard");
    await until(() => socket.status === "all were heard");
    assertFalse(socket.ready);
  });
});

Deno.test("NotifySocket has a name of its own that systemd's own tool can use", async () => {
  await withSocket(async (socket) => {
    const other = new NotifySocket();
    assertNotEquals(other.address, socket.address);
    await other.close();
    const found = await new Deno.Command("sh", { args: ["-c", "command -v systemd-notify"] })
      .output();
    if (!found.success) return console.log("skipped: no systemd-notify here");
    const { success } = await new Deno.Command("systemd-notify", {
      args: ["--ready", "--status=up"],
      env: { NOTIFY_SOCKET: socket.address },
    }).output();
    assert(success);
    await until(() => socket.ready && socket.status === "up");
  });
});

Deno.test("NotifySocket can be closed again and again", async () => {
  const socket = new NotifySocket();
  await Promise.all([socket.close(), socket.close()]);
  await socket.close();
});
