import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  foreignDescriptors,
  isCloseOnExec,
  isNonBlocking,
} from "../../../src/handover/descriptor.ts";
import { HeldSockets, HoldError, type WantedSocket } from "../../../src/handover/held_sockets.ts";
import { openListeningSocket } from "../../../src/handover/listening_socket.ts";
import type { InheritedSocket } from "../../../src/handover/inherited_sockets.ts";
import { findMeans, handoverMeans, type Means } from "../../../src/handover/means.ts";
import { StartSockets } from "../../../src/handover/start_sockets.ts";
import { PortClaim } from "../../helpers/ports.ts";
import { foreignFunctions, libc } from "../../helpers/handover.ts";
import { descriptorsOf } from "../../helpers/proc.ts";
import { needs, root } from "../../helpers/skip.ts";

const HOST = "127.0.0.1";

/** With these inherited sockets. */
function having(means: Means, inherited: readonly InheritedSocket[] = []) {
  const { descriptors } = means;
  return { means, start: new StartSockets({ inherited, descriptors, onWarning: () => {} }) };
}

/** Sockets at these ports. */
function hold(ports: readonly number[], hostname = HOST, heirs: readonly number[] = []) {
  const wanted: WantedSocket[] = ports.map((port) => ({
    name: "http",
    address: { hostname, port },
  }));
  return HeldSockets.open(wanted, { ...having(handoverMeans()), heirs });
}

/** As whoever accepts sets them: only what is set can be taken away. */
function makeNonBlocking({ list }: HeldSockets): void {
  for (const { fd } of list) foreignDescriptors(libc()).nonBlocking(fd);
}

/** What a child that is started now has open, beyond its standard streams. */
async function openInChild(input: "null" | "inherit" = "null"): Promise<number[]> {
  const command = new Deno.Command("sh", {
    args: ["-c", "for fd in /proc/$$/fd/*; do readlink $fd | grep -q ^socket && echo $fd; done"],
    stdin: input,
    detached: true,
    stdout: "piped",
  }).spawn();
  const { stdout } = await command.output();
  return new TextDecoder().decode(stdout).split("\n").filter(Boolean)
    .map((path) => Number(path.replace(/.*\//, "")));
}

Deno.test({
  name: "a held socket answers nobody, and refuses nobody",
  ...needs(foreignFunctions()),
  async fn() {
    using claim = new PortClaim(1);
    const [port = 0] = claim.ports;
    const held = hold([port]);
    const connection = await Deno.connect({ hostname: HOST, port });
    connection.close();
    held.close();
    held.close();
    await Deno.connect({ hostname: HOST, port }).then(
      () => assert(false, "it is still open"),
      () => {},
    );
  },
});

Deno.test({
  name: "only children that are started while they are lent have them, with no flag changed",
  ...needs(foreignFunctions()),
  async fn() {
    using claim = new PortClaim(2);
    const held = hold(claim.ports);
    const fds = held.list.map(({ fd }) => fd);
    const flags = () => fds.map((fd) => [isCloseOnExec(libc(), fd), isNonBlocking(libc(), fd)]);
    assertEquals(flags(), [[true, false], [true, false]]);
    makeNonBlocking(held);
    assertEquals(await held.lend(() => openInChild()), fds);
    assertEquals(await openInChild(), []);
    assertThrows(
      () =>
        held.lend(() => {
          throw new Error("no such program");
        }),
      Error,
      "no such program",
    );
    assertEquals(flags(), [[true, true], [true, true]]);
    held.close();
  },
});

Deno.test({
  name: "the first is lent as standard input, which is ours again then",
  ...needs(foreignFunctions()),
  async fn() {
    using claim = new PortClaim(1);
    const held = hold(claim.ports);
    makeNonBlocking(held);
    const input = () => Deno.readLinkSync("/proc/self/fd/0");
    const before = input();
    assertEquals(await held.lendAsInput(() => openInChild("inherit")), [0]);
    assertEquals(input(), before);
    assert(isNonBlocking(libc(), held.list[0]!.fd));
    held.close();
  },
});

Deno.test({
  name: "a taken address is told, and what was opened before is closed",
  ...needs(foreignFunctions()),
  fn() {
    using claim = new PortClaim(2);
    const [first = 0, second = 0] = claim.ports;
    using taken = Deno.listen({ hostname: HOST, port: second });
    const before = descriptorsOf(Deno.pid).length;
    const error = assertThrows(() => hold([first, taken.addr.port]), HoldError);
    assertStringIncludes(
      error.message,
      `Cannot listen on ${HOST}:${second}: bind failed: EADDRINUSE`,
    );
    assertEquals(descriptorsOf(Deno.pid).length, before);
  },
});

Deno.test({
  name: "an address of IPv6 is listened on, and :: for IPv4, too",
  ...needs(foreignFunctions()),
  async fn() {
    using claim = new PortClaim(1);
    const [port = 0] = claim.ports;
    for (const [hostname, from] of [["::1", "::1"], ["::", HOST]] as const) {
      const held = hold([port], hostname);
      (await Deno.connect({ hostname: from, port })).close();
      held.close();
    }
  },
});

Deno.test({
  name: "what is no IP address cannot be listened on",
  ...needs(foreignFunctions()),
  fn() {
    const address = { hostname: "example.com", port: 1 };
    assertThrows(() => openListeningSocket(libc(), address), TypeError, "example.com");
  },
});

Deno.test("without the C library only inherited sockets are held, and it says what to do", () => {
  const means = findMeans(() => {
    throw new Error("no such library");
  });
  const wanted = [{ name: "http", address: { hostname: HOST, port: 8080 } }];
  const error = assertThrows(
    () => HeldSockets.open(wanted, having(means)),
    HoldError,
  );
  assertStringIncludes(error.message, "no such library. Give liveroll --allow-ffi, or start it by");
  const inherited = [{ fd: 3, name: "http", port: 8080, from: "LISTEN_FDS" as const }];
  const held = HeldSockets.open(wanted, having(means, inherited));
  assertEquals(held.list.map(({ fd }) => fd), [3]);
  assertEquals(held.lend(() => "started"), "started");
  assertThrows(() => held.lendAsInput(() => {}), TypeError, "without foreign functions");
});

Deno.test({
  name: "a taken address is taken from an heir that has its socket, and from nobody else",
  ...needs(foreignFunctions(), root()),
  async fn() {
    using claim = new PortClaim(1);
    const [port = 0] = claim.ports;
    const held = hold([port]);
    const sleep = () => new Deno.Command("sleep", { args: ["60"], stdin: "null" }).spawn();
    const stranger = sleep();
    const heir = held.lend(sleep);
    held.close();
    try {
      assertThrows(() => hold([port]), HoldError, "EADDRINUSE");
      assertThrows(() => hold([port], HOST, [stranger.pid]), HoldError, "EADDRINUSE");
      const again = hold([port], HOST, [stranger.pid, heir.pid]);
      assertEquals([stranger.pid, heir.pid].map((pid) => again.isHeldBy(pid)), [false, true]);
      assert(isCloseOnExec(libc(), again.list[0]!.fd));
      again.close();
    } finally {
      for (const child of [stranger, heir]) {
        child.kill("SIGKILL");
        await child.status;
      }
    }
  },
});
