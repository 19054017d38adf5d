import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { plainDescriptors } from "../../../src/handover/descriptor.ts";
import { isCloseOnExec, isNonBlocking } from "../../../src/handover/descriptor.ts";
import { openListeningSocket } from "../../../src/handover/listening_socket.ts";
import { Listener } from "../../../src/handover/listener.ts";
import { handoverMeans } from "../../../src/handover/means.ts";
import { foreignFunctions, greet, greeting, libc } from "../../helpers/handover.ts";
import { openFiles } from "../../helpers/proc.ts";
import { needs } from "../../helpers/skip.ts";

const HERE = { hostname: "127.0.0.1", port: 0 };

function source(descriptors = plainDescriptors, address = HERE) {
  return { name: "http", address, options: {}, descriptors };
}

Deno.test("a listener accepts nobody before it is told to, and refuses nobody either", async () => {
  const listener = await Listener.bind(source());
  assert(listener.port > 0 && !listener.accepting);
  listener.serve((socket) => greet(socket, "hello"));
  const early = greeting(listener.port);
  await listener.resume();
  assertEquals(await early, "hello");
  listener.close();
});

Deno.test("who comes during a pause is answered after it", async () => {
  const listener = await Listener.bind(source());
  await listener.resume();
  listener.serve((socket) => greet(socket, "before"));
  assertEquals(await greeting(listener.port), "before");
  for (const turn of ["first", "second"]) {
    listener.pause();
    listener.pause();
    const late = greeting(listener.port);
    listener.serve((socket) => greet(socket, turn));
    await listener.resume();
    await listener.resume();
    assertEquals(await late, turn);
  }
  listener.close();
});

Deno.test("a listener that is paused while it begins does not accept, and can begin again", async () => {
  const listener = await Listener.bind(source());
  listener.serve((socket) => greet(socket, "hello"));
  const beginning = listener.resume();
  listener.pause();
  await beginning;
  assert(!listener.accepting);
  const late = greeting(listener.port);
  await listener.resume();
  assertEquals(await late, "hello");
  const closed = Listener.bind(source()).then(async (other) => {
    const resumed = other.resume();
    other.close();
    await resumed;
    return other;
  });
  assert(!(await closed).accepting);
  listener.close();
});

Deno.test("a pause by who handles a connection loses none of those that came with it", async () => {
  const listener = await Listener.bind(source());
  let resumed: Promise<void> = Promise.resolve();
  listener.serve((socket) => {
    greet(socket, "hello");
    listener.pause();
    assert(!listener.accepting);
    resumed = resumed.then(() => listener.resume());
  });
  const clients = Array.from({ length: 50 }, () => greeting(listener.port));
  await new Promise((resolve) => setTimeout(resolve, 50));
  await listener.resume();
  assertEquals(new Set(await Promise.all(clients)), new Set(["hello"]));
  await resumed;
  listener.close();
});

Deno.test("a close by who handles a connection does not cut those that came with it", async () => {
  const listener = await Listener.bind(source());
  listener.serve((socket) => {
    greet(socket, "hello");
    listener.close();
  });
  const clients = Array.from({ length: 20 }, () => greeting(listener.port));
  await new Promise((resolve) => setTimeout(resolve, 50));
  await listener.resume();
  assertEquals(new Set(await Promise.all(clients)), new Set(["hello"]));
});

Deno.test("who comes before there is a handler waits for one", async () => {
  const listener = await Listener.bind(source());
  await listener.resume();
  const early = greeting(listener.port);
  await new Promise((resolve) => setTimeout(resolve));
  listener.serve((socket) => greet(socket, "hello"));
  assertEquals(await early, "hello");
  listener.close();
});

Deno.test("an address that is taken is named, with what may hold it", async () => {
  const listener = await Listener.bind(source());
  await assertRejects(
    () => Listener.bind(source(plainDescriptors, { ...HERE, port: listener.port })),
    Error,
    `Cannot listen on 127.0.0.1:${listener.port} for http: `,
  );
  listener.close();
  assertThrows(() => listener.duplicate(), TypeError, "the socket of http: it is closed");
});

Deno.test("a closed listener leaves no descriptor behind, accepting, paused or without FFI", async () => {
  for (const descriptors of [handoverMeans().descriptors, plainDescriptors]) {
    const before = openFiles(Deno.pid);
    const accepting = await Listener.bind(source(descriptors));
    await accepting.resume();
    const paused = await Listener.bind(source(descriptors));
    accepting.close();
    paused.close();
    paused.close();
    await paused.resume();
    assert(paused.closed && !paused.accepting);
    await new Promise((resolve) => setTimeout(resolve));
    assertEquals(openFiles(Deno.pid), before);
  }
});

Deno.test({
  name: "a descriptor given away is the same socket, closed to children, its flags untouched",
  ...needs(foreignFunctions()),
  async fn() {
    const { descriptors } = handoverMeans();
    const one = await Listener.bind(source(descriptors));
    const fds = [one.duplicate()];
    await one.resume();
    fds.push(one.duplicate());
    one.close();
    for (const fd of fds) {
      assert(isCloseOnExec(libc(), fd));
      assert(isNonBlocking(libc(), fd));
      assertEquals(descriptors.address(fd), { hostname: "127.0.0.1", port: one.port });
    }
    const [fd = -1, other = -1] = fds;
    descriptors.close(other);
    const two = Listener.adopt(source(descriptors, { ...HERE, port: one.port }), fd, {
      origin: "directory",
      activated: false,
    });
    two.serve((socket) => greet(socket, "two"));
    const waiting = greeting(one.port);
    await two.resume();
    assertEquals(await waiting, "two");
    two.close();
  },
});

Deno.test({
  name: "what is no listening socket is refused, and stays ours to close",
  ...needs(foreignFunctions()),
  async fn() {
    const { descriptors } = handoverMeans();
    const fd = libc().socket(2, 2, 0); // UDP
    descriptors.closeOnExec(fd);
    const listener = Listener.adopt(source(descriptors), fd, {
      origin: "directory",
      activated: false,
    });
    await assertRejects(() => listener.resume(), Error, "Cannot accept connections for http: ");
    assert(isCloseOnExec(libc(), fd));
    listener.close();
    assertThrows(() => isCloseOnExec(libc(), fd), Error, "EBADF");
  },
});

Deno.test({
  name: "a socket that systemd has made blocking does not stay so until somebody accepts",
  ...needs(foreignFunctions()),
  fn() {
    const { descriptors } = handoverMeans();
    const fd = openListeningSocket(libc(), { hostname: "127.0.0.1", port: 0 });
    assert(!isNonBlocking(libc(), fd));
    const ancestry = { origin: "systemd_socket", activated: true } as const;
    const listener = Listener.adopt(source(descriptors), fd, ancestry);
    assert(isNonBlocking(libc(), fd));
    listener.close();
  },
});
