import { assert, assertEquals } from "@std/assert";
import { poll } from "../../src/platform/poll.ts";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, Socket } from "node:net";
import { isCloseOnExec, isNonBlocking } from "../../src/handover/descriptor.ts";
import { descriptorOf, ownDescriptorOf } from "../../src/handover/handle.ts";
import { sendMessage } from "../../src/handover/socket_message.ts";
import { foreignFunctions, libc } from "../helpers/handover.ts";
import { HttpConnection } from "../helpers/http.ts";
import { openFiles } from "../helpers/proc.ts";
import { needs } from "../helpers/skip.ts";

const FULL = needs(foreignFunctions());
const F_SETFD = 2;

async function listening(): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

/** What a child sees behind descriptor `fd`. */
async function childSees(fd: number): Promise<string> {
  const args = ["-c", `readlink /proc/$$/fd/${fd} || echo nothing`];
  const { stdout } = await new Deno.Command("sh", { args }).output();
  return new TextDecoder().decode(stdout).trim();
}

Deno.test({
  name: "the descriptor of a listener is a new one, closed to children, and never waits",
  ...FULL,
  async fn() {
    const server = await listening();
    const fds = [descriptorOf(server), descriptorOf(server)];
    assert(fds[0] !== fds[1]);
    for (const fd of fds) {
      assert(isCloseOnExec(libc(), fd) && isNonBlocking(libc(), fd));
      assertEquals(await childSees(fd), "nothing");
    }
    for (const fd of fds) libc().close(fd);
    server.close();
  },
});

Deno.test({
  name: "an open descriptor reaches a child under its number, and keeps its flags",
  ...FULL,
  async fn() {
    const server = await listening();
    const fd = descriptorOf(server);
    libc().fcntl(fd, F_SETFD, 0);
    assertEquals(await childSees(fd), Deno.readLinkSync(`/proc/self/fd/${fd}`));
    assert(isNonBlocking(libc(), fd));
    libc().close(fd);
    server.close();
  },
});

Deno.test({
  name: "a listener in stdio of spawn() begins to wait, for everybody who shares it",
  ...FULL,
  async fn() {
    const server = await listening();
    const fd = descriptorOf(server);
    server.close();
    const child = spawn("true", [], { stdio: ["ignore", "ignore", "ignore", fd] });
    await once(child, "close");
    assert(!isNonBlocking(libc(), fd), "it does not any more: direct mode may use stdio");
    libc().close(fd);
  },
});

Deno.test({
  name: "a socket of node:net drops descriptors that are sent to it",
  ...FULL,
  async fn() {
    const pair = new Int32Array(2);
    assertEquals(libc().socketpair(1, 1 | 0o2000000, 0, pair), 0);
    const [near = -1, far = -1] = pair;
    const socket = new Socket({ fd: far, readable: true, writable: true });
    const before = openFiles(Deno.pid);
    const arrived = once(socket, "data");
    sendMessage(libc(), near, new Uint8Array([1]), [near]);
    await arrived;
    assertEquals(openFiles(Deno.pid), before);
    const closed = once(socket, "close");
    socket.destroy();
    await closed;
    libc().close(near);
  },
});

Deno.test({
  name: "a unix server of node:net is open to children until somebody closes it to them",
  ...FULL,
  async fn() {
    const path = `/tmp/liveroll-facts-${Deno.pid}`;
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const fd = ownDescriptorOf(server);
    assert(fd !== null, "Deno does not tell it any more: src/handover/door.ts needs another way");
    assert(!isCloseOnExec(libc(), fd), "it is closed to them now: door.ts need not care");
    server.close();
  },
});

Deno.test("closing a unix server removes the name it was bound to, whosever it is by now", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/next`;
  const bind = async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    return server;
  };
  const old = await bind();
  await Deno.rename(path, `${dir}/old`);
  const next = await bind();
  old.close();
  assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name), ["old"]);
  next.close();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("a server of node:http that stops listening ends connections after their next answer", async () => {
  const server = createHttpServer((_request, response) => response.end("ok"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  using client = await HttpConnection.connect((server.address() as AddressInfo).port);
  const asked = once(server, "request");
  const first = client.ask("/");
  await asked;
  server.close();
  const { headers } = await first;
  assertEquals(headers.get("connection"), "keep-alive");
  const second = await client.ask("/").catch(() => "ended");
  assertEquals(second, "ended", "it does not any more: HttpServer need not pretend to listen");
});

Deno.test("a lock belongs to one open file, and no child inherits it", async () => {
  const path = await Deno.makeTempFile();
  const open = () => Deno.openSync(path, { read: true, write: true });
  const first = open();
  assert(first.tryLockSync(true));
  using second = open();
  assert(!second.tryLockSync(true));
  const child = new Deno.Command("sleep", { args: ["600"] }).spawn();
  first.close();
  // The kernel closes files at exec a moment after whoever started the child goes on.
  assert(await poll(() => second.tryLockSync(true), { timeoutMs: 5_000 }));
  child.kill("SIGKILL");
  await child.status;
  await Deno.remove(path);
});
