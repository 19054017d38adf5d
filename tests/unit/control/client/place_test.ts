import { assertEquals, assertThrows } from "@std/assert";
import { findPlace } from "../../../../src/control/client/place.ts";

const NONE = { stateDir: null, app: null, controlUrl: null, controlTokenFile: null };

function place(
  options: Partial<typeof NONE> | Record<string, string>,
  env = {},
  there: readonly string[] = [],
) {
  return findPlace({ ...NONE, ...options }, env, {
    readFile: (path) => path === "t" ? " secret\n" : "two words",
    exists: (path) => there.includes(path),
  });
}

Deno.test("findPlace() takes flags, then the environment, then the current directory", () => {
  const systemd = { STATE_DIRECTORY: "/var/lib/a:/var/lib/b", LIVEROLL_STATE_DIR: "/c" };
  const table: [options: Record<string, string>, env: Record<string, string>, path: string][] = [
    [{ stateDir: "/x/" }, systemd, "/x/control.sock"],
    [{ stateDir: "/" }, {}, "/control.sock"],
    [{ stateDir: "rel" }, {}, "rel/control.sock"],
    [{ app: "blog" }, systemd, "/var/lib/blog/control.sock"],
    [{}, systemd, "/var/lib/a/control.sock"],
    [{}, { LIVEROLL_STATE_DIR: "/c" }, "/c/control.sock"],
    [{}, { STATE_DIRECTORY: "", LIVEROLL_STATE_DIR: "" }, "./.liveroll/control.sock"],
  ];
  for (const [options, env, path] of table) {
    assertEquals(place(options, env).address, { kind: "socket", path });
  }
});

Deno.test("findPlace() takes the current directory for that of a service if it is one", () => {
  const table: [there: string[], env: Record<string, string>, stateDir: string][] = [
    [["./control.sock", "./liveroll.db"], {}, "."],
    // It was stopped, or its disk was full from the beginning.
    [["./liveroll.db"], {}, "."],
    [["./control.sock"], {}, "."],
    [["./liveroll.db", "./.liveroll"], {}, "."],
    [["./.liveroll"], {}, "./.liveroll"],
    [["./liveroll.db"], { LIVEROLL_STATE_DIR: "/c" }, "/c"],
  ];
  for (const [there, env, stateDir] of table) {
    const { address, ...found } = place({}, env, there);
    assertEquals(found, { stateDir, isNamed: stateDir === "/c" }, there.join());
    assertEquals(address, { kind: "socket", path: `${stateDir}/control.sock` });
  }
});

Deno.test("findPlace() reads the token of an address from its file", () => {
  const address = { controlUrl: "http://h:1", controlTokenFile: "t" };
  assertEquals(place(address).address, { kind: "url", url: "http://h:1", token: "secret" });
  assertEquals(place(address).stateDir, null);
  assertThrows(
    () => place({ ...address, controlTokenFile: "u" }),
    SyntaxError,
    "u holds no token",
  );
});
