import { assertEquals } from "@std/assert";
import type { InheritedSocket } from "../../../src/handover/inherited_sockets.ts";
import { KeptSockets } from "../../../src/handover/kept_sockets.ts";
import type { SocketAddress } from "../../../src/handover/socket_address.ts";
import type { SocketOrigin } from "../../../src/handover/socket_origin.ts";

const at = (port: number): SocketAddress => ({ hostname: "127.0.0.1", port });
const socket = (fd: number, name: string, from: InheritedSocket["from"]): InheritedSocket => ({
  ...{ fd, name, from },
  port: null,
});
const kept = (fd: number, name: string) => socket(fd, name, "FDSTORE");

/** Everything that happens, in order; `open` are descriptors by the port that they listen on. */
function scene(open: Record<number, number> = {}, { isOn = true, fails = false } = {}) {
  const done: string[] = [];
  const tell = (what: string) => {
    if (fails) return Promise.reject(new Error("it hangs"));
    done.push(what);
    return Promise.resolve();
  };
  const store = {
    put: (name: string, fd: number) => tell(`put ${name} ${fd}`),
    remove: (name: string) => tell(`remove ${name}`),
    settled: () => tell("settled"),
  };
  const warnings: string[] = [];
  const sockets = new KeptSockets({
    store: isOn ? store : null,
    descriptors: () => ({
      close: (fd) => void done.push(`close ${fd}`),
      address: (fd) => open[fd] === undefined ? null : at(open[fd]),
      isListening: (fd) => open[fd] !== undefined,
    }),
    onWarning: (message) => warnings.push(message),
  });
  return { sockets, done, warnings };
}

const listener = (name: string, origin: SocketOrigin) => ({
  ...{ name, origin },
  activated: origin === "systemd_socket",
  duplicate: () => 99,
});

Deno.test("what is not listened on any more is given up before anything is opened", async () => {
  const { sockets, done } = scene({ 3: 80, 4: 81 });
  const inherited = [kept(3, "port-80"), kept(4, "port-81")];
  assertEquals(await sockets.sift(inherited, [at(81), at(82)]), [kept(4, "port-81")]);
  assertEquals(done.splice(0), ["close 3", "remove port-80", "settled"]);
  await sockets.keep([listener("port-81", "store"), listener("port-82", "bound")]);
  assertEquals(done, ["put port-82 99"]);
});

Deno.test("what a .socket unit holds is never given up", async () => {
  const { sockets, done } = scene({ 3: 80, 4: 80 });
  const inherited = [socket(3, "http", "LISTEN_FDS"), kept(4, "http")];
  assertEquals(await sockets.sift(inherited, [at(81)]), [inherited[0]!]);
  assertEquals(done, ["close 4", "remove http", "settled"]);
});

Deno.test("where nothing is listened on, everything that was kept is given up", async () => {
  const { sockets, done } = scene({ 3: 80 });
  assertEquals(await sockets.sift([kept(3, "http")], []), []);
  assertEquals(done, ["close 3", "remove http", "settled"]);
});

Deno.test("a descriptor that is no listening socket is not touched, whatever it is called", async () => {
  const { sockets, done } = scene();
  assertEquals(await sockets.sift([kept(3, "http")], []), [kept(3, "http")]);
  assertEquals(await sockets.sift([kept(3, "http")], [at(81)]), [kept(3, "http")]);
  assertEquals(done, []);
});

Deno.test("a name that goes with a stale socket is used again for the one that stays", async () => {
  const { sockets, done } = scene({ 3: 80, 4: 81 });
  await sockets.sift([kept(3, "http"), kept(4, "http")], [at(81)]);
  await sockets.keep([listener("http", "store")]);
  assertEquals(done, ["close 3", "remove http", "settled", "put http 99"]);
});

Deno.test("names of the predecessor that nobody uses are given up", async () => {
  const { sockets, done } = scene();
  await sockets.keep([listener("http", "directory")], ["http", "port-81"]);
  assertEquals(done, ["remove port-81", "put http 99"]);
});

Deno.test("without a store stale sockets are closed, and nothing is told", async () => {
  const { sockets, done } = scene({ 3: 80 }, { isOn: false });
  assertEquals(sockets.isOn, false);
  await sockets.sift([kept(3, "http")], [at(81)]);
  await sockets.keep([listener("http", "bound")]);
  assertEquals(done, ["close 3"]);
});

Deno.test("a service manager that does not listen is a problem, and no end", async () => {
  const { sockets, warnings } = scene({}, { fails: true });
  await sockets.keep([listener("http", "bound")]);
  assertEquals(sockets.problem, "it hangs");
  assertEquals(warnings, [
    "The service manager does not keep the public sockets as it should: it hangs",
  ]);
});
