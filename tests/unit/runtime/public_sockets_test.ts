import { assertEquals, assertThrows } from "@std/assert";
import type { HeldSocket } from "../../../src/handover/held_sockets.ts";
import { PublicSockets } from "../../../src/runtime/public_sockets.ts";

/** Held sockets that write down how they were lent. */
function held(...places: [hostname: string, port: number, fd: number][]) {
  const lent: string[] = [];
  const list = places.map(([hostname, port, fd], index): HeldSocket => ({
    name: index === 0 ? "http" : `port-${port}`,
    address: { hostname, port },
    fd,
  }));
  function way(name: string) {
    return <T>(start: () => T): T => {
      lent.push(name);
      return start();
    };
  }
  return { lent, list, lend: way("open"), lendAsInput: way("input"), isHeldBy: () => true };
}

Deno.test("server-starter: addresses, descriptors, and a generation that rises", () => {
  const sockets = held(["0.0.0.0", 80, 21], ["127.0.0.1", 81, 22], ["::1", 82, 30]);
  const passing = new PublicSockets(sockets, "server-starter");
  for (const generation of ["1", "2"]) {
    const how = passing.spawn("./app", (how) => how);
    assertEquals(how, {
      command: "./app",
      env: {
        SERVER_STARTER_PORT: "80=21;127.0.0.1:81=22;[::1]:82=30",
        SERVER_STARTER_GENERATION: generation,
      },
      input: "null",
    });
  }
  assertEquals(sockets.lent, ["open", "open"]);
});

Deno.test("systemd: one socket comes as standard input and is moved to 3", () => {
  const sockets = held(["0.0.0.0", 80, 21]);
  assertEquals(new PublicSockets(sockets, "systemd").spawn("echo 'a b'", (how) => how), {
    command: `exec 3<&0 </dev/null; LISTEN_PID=$$ exec sh -c 'echo '\\''a b'\\'''`,
    env: { LISTEN_FDS: "1", LISTEN_FDNAMES: "http" },
    input: "inherit",
  });
  assertEquals(sockets.lent, ["input"]);
});

Deno.test("systemd: sockets that are where they have to be stay there", () => {
  const sockets = held(["0.0.0.0", 80, 3], ["0.0.0.0", 81, 4]);
  assertEquals(new PublicSockets(sockets, "systemd").spawn("./app", (how) => how), {
    command: "LISTEN_PID=$$ exec sh -c 'exec ./app'",
    env: { LISTEN_FDS: "2", LISTEN_FDNAMES: "http:port-81" },
    input: "null",
  });
  assertEquals(sockets.lent, ["open"]);
});

Deno.test("systemd: several sockets that cannot be moved are refused", () => {
  const sockets = held(["0.0.0.0", 80, 21], ["0.0.0.0", 81, 22]);
  assertThrows(
    () => new PublicSockets(sockets, "systemd"),
    TypeError,
    "Cannot pass 2 sockets by LISTEN_FDS",
  );
});
