import { assertEquals, assertThrows } from "@std/assert";
import type { InheritedSocket } from "../../../src/handover/inherited_sockets.ts";
import type { SocketAddress } from "../../../src/handover/socket_address.ts";
import { type HandedSocket, StartSockets } from "../../../src/handover/start_sockets.ts";

const HOST = "127.0.0.1";
const at = (port: number): SocketAddress => ({ hostname: HOST, port });
const handed = (name: string, port: number, fd: number): HandedSocket => ({
  name,
  fd,
  ...at(port),
});
const listen = (fd: number, name: string | null): InheritedSocket => ({
  fd,
  name,
  port: null,
  from: "LISTEN_FDS",
});
const starter = (fd: number, port: number): InheritedSocket => ({
  fd,
  name: null,
  port,
  from: "SERVER_STARTER_PORT",
});

/** A socket with this port does not listen. */
const CONNECTION = 50_000;

/** A table of open descriptors, by the port that they listen on. */
function sockets(inherited: InheritedSocket[], open: Record<number, number> | null) {
  const closed: number[] = [];
  const kept: number[] = [];
  const said: string[] = [];
  const start = new StartSockets({
    inherited,
    onWarning: (message) => said.push(message),
    descriptors: {
      close: (fd) => void closed.push(fd),
      duplicate: () => -1,
      nonBlocking() {},
      closeOnExec(fd) {
        if (open !== null && !(fd in open)) throw new Error("EBADF");
        kept.push(fd);
      },
      address: (fd) => open?.[fd] === undefined ? null : at(open[fd]),
      isListening: (fd) => open === null ? null : open[fd] !== CONNECTION,
      isWaiting: () => null,
    },
  });
  return { start, closed, kept, said };
}

Deno.test("a listener gets the inherited socket of its name, and children none of them", () => {
  const { start, kept, said } = sockets([listen(3, "admin"), listen(4, "http")], { 3: 81, 4: 80 });
  assertEquals(start.take("http", at(80)), {
    fd: 4,
    address: at(80),
    origin: "systemd_socket",
    activated: true,
  });
  assertEquals(start.take("http", at(80)), null);
  assertEquals(kept, [3, 4]);
  assertEquals(said, []);
});

Deno.test("an inherited socket with a name of no listener is known by its address", () => {
  const { start } = sockets([listen(3, "app.socket"), listen(4, null)], { 3: 81, 4: 80 });
  assertEquals(start.take("http", at(80))?.fd, 4);
  assertEquals(start.take("admin", at(81))?.fd, 3);
});

Deno.test("the address that the service manager chose counts, and is said", () => {
  const { start, said } = sockets([listen(3, "http")], { 3: 8080 });
  assertEquals(start.take("http", at(80)), {
    fd: 3,
    address: at(8080),
    origin: "systemd_socket",
    activated: true,
  });
  assertEquals(said, [
    "The socket http of LISTEN_FDS listens on 127.0.0.1:8080, not on 127.0.0.1:80: the address " +
    "of the service manager counts",
  ]);
});

Deno.test("a socket of Server::Starter is known by its port", () => {
  const { start } = sockets([starter(7, 81), starter(8, 80)], null);
  assertEquals(start.take("http", at(80)), {
    fd: 8,
    address: at(80),
    origin: "server_starter",
    activated: false,
  });
  assertEquals(start.take("other", at(82)), null);
});

Deno.test("where no address can be asked for, the only socket without a name is the one", () => {
  assertEquals(sockets([listen(3, null)], null).start.take("http", at(80))?.fd, 3);
  assertEquals(sockets([listen(3, "app.socket")], null).start.take("http", at(80))?.fd, 3);
  assertEquals(sockets([listen(3, "admin")], null).start.take("http", at(80)), null);
  assertEquals(sockets([listen(3, null), listen(4, null)], null).start.take("http", at(80)), null);
});

Deno.test("what is inherited comes before what was handed over", () => {
  const { start, closed, said } = sockets([listen(3, "http")], { 3: 80 });
  start.add([handed("http", 80, 20), handed("admin", 81, 21)]);
  assertEquals(start.take("http", at(80))?.fd, 3);
  assertEquals(start.take("admin", at(0)), {
    fd: 21,
    address: at(81),
    origin: "directory",
    activated: false,
  });
  start.closeRest();
  start.closeRest();
  assertEquals(closed, [20]);
  assertEquals(said, []);
});

Deno.test("a socket that was handed over for another address is not used", () => {
  const { start, closed, said } = sockets([], {});
  start.add([handed("http", 80, 20)]);
  assertEquals(start.take("http", at(90)), null);
  assertEquals(said, [
    "The socket http that was handed over listens on 127.0.0.1:80: 127.0.0.1:90 is opened anew",
  ]);
  start.closeRest();
  assertEquals(closed, [20]);
});

Deno.test("a socket that was handed over is known by what its owner was asked for, too", () => {
  const asked = { hostname: "0.0.0.0", port: 80 };
  const { start, said } = sockets([], {});
  start.add([{ ...handed("http", 8080, 20), asked }, handed("other", 80, 21)]);
  const handedOn = { origin: "directory", activated: false } as const;
  assertEquals(start.take("http", asked), { fd: 20, address: at(8080), ...handedOn });
  start.add([{ name: "dual", fd: 22, hostname: "::", port: 80 }]);
  const address = { hostname: "::", port: 80 };
  assertEquals(start.take("dual", asked), { fd: 22, address, ...handedOn });
  assertEquals(said, []);
});

Deno.test("what nobody asked for is closed, and said", () => {
  const { start, closed, said } = sockets([listen(3, null)], { 3: 80 });
  start.add([handed("old", 81, 20)]);
  start.closeRest();
  assertEquals(closed, [3, 20]);
  assertEquals(said, [
    "Descriptor 3 of LISTEN_FDS (no name) is not used: closed",
    "The socket old was handed over and is not used: closed",
  ]);
});

Deno.test("a descriptor that was promised and is not open is a mistake of who started us", () => {
  assertThrows(
    () => sockets([listen(3, null), listen(4, null)], { 3: 80 }),
    TypeError,
    "Cannot use LISTEN_FDS: descriptor 4 is not open",
  );
});

Deno.test("a descriptor that is something else is neither used nor closed", () => {
  const { start, closed, said } = sockets([listen(3, "http"), starter(5, 80)], {
    3: CONNECTION,
    5: 80,
  });
  assertEquals(start.take("http", at(80))?.fd, 5);
  start.closeRest();
  assertEquals(closed, []);
  assertEquals(said, [
    "Descriptor 3 of LISTEN_FDS is no TCP socket that listens: it is left alone. Unset the " +
    "variable if it is not meant for this program",
  ]);
});

Deno.test("a socket on :: is the one for 0.0.0.0 at the same port, and for no other address", () => {
  const closed: number[] = [];
  const descriptors = {
    close: (fd: number) => void closed.push(fd),
    duplicate: () => -1,
    nonBlocking() {},
    closeOnExec() {},
    address: () => ({ hostname: "::", port: 80 }),
    isListening: () => true,
    isWaiting: () => null,
  };
  const start = () =>
    new StartSockets({ inherited: [listen(3, null)], descriptors, onWarning() {} });
  assertEquals(start().take("http", { hostname: "0.0.0.0", port: 80 })?.fd, 3);
  assertEquals(start().take("http", { hostname: "0.0.0.0", port: 81 }), null);
  assertEquals(start().take("http", { hostname: "127.0.0.1", port: 80 }), null);
});

Deno.test("a socket of a .socket unit that was handed over is known as such", () => {
  const { start } = sockets([], {});
  start.add([{ ...handed("http", 80, 20), activated: true }]);
  assertEquals(start.take("http", at(80)), {
    fd: 20,
    address: at(80),
    origin: "directory",
    activated: true,
  });
});

const kept = (fd: number, name: string): InheritedSocket => ({
  ...listen(fd, name),
  from: "FDSTORE",
});

Deno.test("a socket that was kept is taken when it has the right address only", () => {
  const { start } = sockets([kept(3, "http")], { 3: 80 });
  assertEquals(start.take("http", at(81)), null);
  assertEquals(start.take("http", at(80)), {
    fd: 3,
    address: at(80),
    origin: "store",
    activated: false,
  });
});

Deno.test("a socket that was kept is known by its address under another name, too", () => {
  const { start } = sockets([kept(3, "http")], { 3: 80 });
  assertEquals(start.take("port-80", at(80)), {
    fd: 3,
    address: at(80),
    origin: "store",
    activated: false,
  });
});

Deno.test("a .socket unit comes before what was kept under the same name", () => {
  const { start, closed } = sockets([listen(3, "http"), kept(4, "http")], { 3: 80, 4: 80 });
  assertEquals(start.take("http", at(80))?.fd, 3);
  start.closeRest();
  assertEquals(closed, [4]);
});

Deno.test("of two sockets of one name, the one at the right address is taken", () => {
  const { start, said } = sockets([listen(3, "http"), listen(4, "http")], { 3: 81, 4: 80 });
  assertEquals(start.take("http", at(80))?.fd, 4);
  assertEquals(said, []);
});

Deno.test("one socket of a .socket unit is the only one, whatever was kept besides", () => {
  const { start } = sockets([listen(3, "app.socket"), kept(4, "other")], null);
  assertEquals(start.take("http", at(80))?.fd, 3);
});
