import { assertEquals, assertThrows } from "@std/assert";
import { findPlace } from "../../../src/control/client/place.ts";

const NONE = { stateDir: null, app: null, controlUrl: null, controlTokenFile: null };

function place(options: Partial<typeof NONE> | Record<string, string>, env = {}) {
  return findPlace(
    { ...NONE, ...options },
    env,
    (path) => path === "t" ? " secret\n" : "two words",
  );
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
