import { assertEquals, assertRejects } from "@std/assert";
import { listenerNameOf, storeChanges, storeMode } from "../../../src/handover/descriptor_store.ts";
import { SystemCallError } from "../../../src/handover/libc.ts";
import { openListeningSocket } from "../../../src/handover/listening_socket.ts";
import { handoverMeans } from "../../../src/handover/means.ts";
import type { SocketOrigin } from "../../../src/handover/socket_origin.ts";
import { foreignFunctions, libc } from "../../helpers/handover.ts";
import { needs } from "../../helpers/skip.ts";
import { StoreManager as Manager } from "../../helpers/store_manager.ts";

const FOREIGN = needs(foreignFunctions());

function openFiles(): number {
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

Deno.test({
  name: "a descriptor is given to the service manager under the name of its listener",
  ...FOREIGN,
  async fn() {
    using manager = new Manager();
    const socket = openListeningSocket(libc(), { hostname: "127.0.0.1", port: 0 });
    const { descriptors } = handoverMeans();
    const port = descriptors.address(socket)!.port;
    const before = openFiles();
    await manager.store().put("http", descriptors.duplicate(socket));
    assertEquals(manager.next(), {
      text: "FDSTORE=1\nFDNAME=stored-http\nFDPOLL=0",
      ports: [port],
    });
    assertEquals(openFiles(), before);
    libc().close(socket);
  },
});

Deno.test({
  name: "a name is given up, also with a service manager that has a path",
  ...FOREIGN,
  async fn() {
    const directory = await Deno.makeTempDir();
    using manager = new Manager(`${directory}/notify`);
    await manager.store().remove("port-8080");
    assertEquals(manager.next(), {
      text: "FDSTOREREMOVE=1\nFDNAME=stored-port-8080",
      ports: [],
    });
    await Deno.remove(directory, { recursive: true });
  },
});

Deno.test({
  name: "what was said before is done when the service manager has closed what came last",
  ...FOREIGN,
  async fn() {
    using manager = new Manager();
    const before = openFiles();
    let isSettled = false;
    const settled = manager.store().settled(60_000).then(() => isSettled = true);
    await new Promise((resolve) => setTimeout(resolve, 0));
    assertEquals(isSettled, false);
    assertEquals(manager.next(), { text: "BARRIER=1", ports: [null] });
    await settled;
    assertEquals(openFiles(), before);
  },
});

Deno.test({
  name: "a service manager that is gone is an error, and nothing is left open",
  ...FOREIGN,
  async fn() {
    const { descriptors } = handoverMeans();
    const store = new Manager();
    const open = store.store();
    store[Symbol.dispose]();
    const before = openFiles();
    await assertRejects(() => open.put("http", descriptors.duplicate(0)), SystemCallError);
    assertEquals(openFiles(), before);
  },
});

const MEANS = {
  full: () => ({ mode: { name: "full" as const }, libc: null }),
  none: () => ({ mode: { name: "inherit_only" as const, why: "no --allow-ffi" }, libc: null }),
};

for (
  const [variables, means, why] of [
    [{}, "full", "no service manager has started this process"],
    [{ FDSTORE: "3" }, "full", "no service manager has started this process"],
    [
      { NOTIFY_SOCKET: "/run/x" },
      "full",
      "FDSTORE is not set: give FileDescriptorStoreMax= as liveroll unit does",
    ],
    [
      { NOTIFY_SOCKET: "/run/x", FDSTORE: "0" },
      "full",
      "FDSTORE is not set: give FileDescriptorStoreMax= as liveroll unit does",
    ],
    [
      { NOTIFY_SOCKET: "/run/x", FDSTORE: "3" },
      "none",
      "sockets can be inherited, not handed over: no --allow-ffi",
    ],
    [{ NOTIFY_SOCKET: "/run/x", FDSTORE: "3" }, "full", null],
  ] as const
) {
  Deno.test(`${JSON.stringify(variables)} and ${means} means: ${why ?? "kept"}`, () => {
    const env = (name: string) => (variables as Record<string, string>)[name];
    const mode = storeMode({ env, means: MEANS[means] });
    assertEquals(mode, why === null ? { name: "on" } : { name: "off", why });
  });
}

Deno.test("only what we have had kept has the name of a listener", () => {
  assertEquals(listenerNameOf("stored-http"), "http");
  assertEquals(listenerNameOf("http"), null);
  assertEquals(listenerNameOf("stored-"), null);
  assertEquals(listenerNameOf("app.socket"), null);
});

/** Listeners by where their sockets come from. */
function changes(listeners: Record<string, SocketOrigin>, known: string[]): string[] {
  const list = Object.entries(listeners).map(([name, origin]) => ({
    ...{ name, origin },
    activated: origin === "systemd_socket",
  }));
  return storeChanges(list, known)
    .map((change) => "put" in change ? `put ${change.put}` : `remove ${change.remove}`);
}

Deno.test("what was opened here is kept, what a .socket unit holds is not", () => {
  assertEquals(changes({ http: "bound" }, []), ["put http"]);
  assertEquals(changes({ http: "server_starter" }, []), ["put http"]);
  assertEquals(changes({ http: "children" }, []), ["put http"]);
  assertEquals(changes({ http: "systemd_socket" }, []), []);
});

Deno.test("what came back is kept already, and not told again", () => {
  assertEquals(changes({ http: "store" }, ["http"]), []);
});

Deno.test("what the predecessor handed over is told again, as it may have had no store", () => {
  assertEquals(changes({ http: "directory" }, ["http"]), ["put http"]);
});

Deno.test("what a .socket unit holds is not kept, also when it was handed over", () => {
  const socket = { name: "http", origin: "directory", activated: true } as const;
  assertEquals(storeChanges([socket], []), []);
});

Deno.test("names that are not used any more are given up first", () => {
  const after = changes({ "port-81": "bound", "port-80": "store" }, ["port-80", "port-82"]);
  assertEquals(after, ["remove port-82", "put port-81"]);
});

Deno.test("a name with another socket is given up before it is used again", () => {
  assertEquals(changes({ http: "bound" }, ["http"]), ["remove http", "put http"]);
  assertEquals(changes({ "port-80": "store" }, ["http"]), ["remove http", "put port-80"]);
  assertEquals(changes({ http: "systemd_socket" }, ["http"]), ["remove http"]);
});

Deno.test("a name that is kept twice is given up, and kept once", () => {
  assertEquals(changes({ http: "store" }, ["http", "http"]), ["remove http", "put http"]);
});
