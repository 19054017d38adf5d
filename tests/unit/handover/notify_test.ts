import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { deadline } from "@std/async/deadline";
import { openNotifier } from "../../../src/handover/notify.ts";
import { linux, needs, program } from "../../helpers/skip.ts";

/** A stand-in for the service manager: a datagram socket that hands out what it got, in order. */
function receiver(path: string) {
  const socket = Deno.listenDatagram({ transport: "unixpacket", path });
  return {
    async next(): Promise<string> {
      const [bytes] = await deadline(socket.receive(), 10_000);
      return new TextDecoder().decode(bytes);
    },
    [Symbol.dispose]: () => socket.close(),
  };
}

// Abstract names, and service managers that speak this protocol, exist on Linux only.
const LINUX = needs(linux());

function environment(values: Record<string, string>) {
  return (name: string) => values[name];
}

Deno.test("openNotifier() does nothing when nobody listens", async () => {
  await using notifier = openNotifier({ env: environment({ WATCHDOG_USEC: "1000" }) });
  assertEquals(notifier.enabled, false);
  notifier.ready();
  notifier.status("ignored");
});

Deno.test(
  "every message reaches a socket with a path, in order, and no file is touched",
  LINUX,
  async () => {
    const directory = await Deno.makeTempDir();
    const path = `${directory}/notify.sock`;
    {
      using manager = receiver(path);
      await using notifier = openNotifier({ env: environment({ NOTIFY_SOCKET: path }) });
      assert(notifier.enabled);
      notifier.status("starting v1\nrequests wait\r\n");
      notifier.extendTimeout(1_500);
      notifier.ready();
      notifier.mainPid(4711);
      notifier.stopping();
      assertEquals(await manager.next(), "STATUS=starting v1 requests wait");
      assertEquals(await manager.next(), "EXTEND_TIMEOUT_USEC=1500000");
      assertEquals(await manager.next(), "READY=1");
      assertEquals(await manager.next(), "MAINPID=4711");
      assertEquals(await manager.next(), "STOPPING=1");
    }
    assertEquals(Array.from(Deno.readDirSync(directory), (entry) => entry.name), ["notify.sock"]);
    await Deno.remove(directory, { recursive: true });
  },
);

Deno.test("an abstract socket is reached through its @ notation", LINUX, async () => {
  const name = `liveroll-test-${crypto.randomUUID()}`;
  using manager = receiver(`\0${name}`);
  await using notifier = openNotifier({ env: environment({ NOTIFY_SOCKET: `@${name}` }) });
  notifier.ready();
  assertEquals(await manager.next(), "READY=1");
});

Deno.test("reloading() carries a monotonic time-stamp that is not in the past", LINUX, async () => {
  const name = `liveroll-test-${crypto.randomUUID()}`;
  using manager = receiver(`\0${name}`);
  await using notifier = openNotifier({ env: environment({ NOTIFY_SOCKET: `@${name}` }) });
  const before = Number.parseFloat(Deno.readTextFileSync("/proc/uptime")) * 1e6;
  notifier.reloading();
  const [first, second] = (await manager.next()).split("\n");
  assertEquals(first, "RELOADING=1");
  assertMatch(second ?? "", /^MONOTONIC_USEC=\d+$/);
  assert(Number(second?.split("=")[1]) > before);
});

Deno.test("the watchdog gets its sign of life again and again, until the end", LINUX, async () => {
  const name = `liveroll-test-${crypto.randomUUID()}`;
  using manager = receiver(`\0${name}`);
  const env = environment({
    NOTIFY_SOCKET: `@${name}`,
    WATCHDOG_USEC: "20000",
    WATCHDOG_PID: String(Deno.pid),
  });
  await using _notifier = openNotifier({ env });
  for (let i = 0; i < 3; i++) assertEquals(await manager.next(), "WATCHDOG=1");
});

Deno.test("a watchdog that is meant for another process is left alone", LINUX, async () => {
  const name = `liveroll-test-${crypto.randomUUID()}`;
  using manager = receiver(`\0${name}`);
  const env = environment({ NOTIFY_SOCKET: `@${name}`, WATCHDOG_USEC: "2000", WATCHDOG_PID: "7" });
  await using notifier = openNotifier({ env, pid: 8 });
  await new Promise((resolve) => setTimeout(resolve, 20));
  notifier.ready();
  assertEquals(await manager.next(), "READY=1");
});

Deno.test("a manager that is gone is reported once and disturbs nobody", LINUX, async () => {
  const errors: Error[] = [];
  const env = environment({ NOTIFY_SOCKET: `@liveroll-test-${crypto.randomUUID()}` });
  {
    await using notifier = openNotifier({ env, onError: (error) => errors.push(error) });
    notifier.ready();
    notifier.status("x");
    notifier.stopping();
  }
  assertEquals(errors.length, 1);
  assertStringIncludes(errors[0]?.message ?? "", "Cannot notify the service manager");
});

Deno.test("an address of an unknown kind is reported once and means silence", async () => {
  const errors: Error[] = [];
  const env = environment({ NOTIFY_SOCKET: "vsock:2:9999" });
  await using notifier = openNotifier({ env, onError: (error) => errors.push(error) });
  assertEquals(notifier.enabled, false);
  notifier.ready();
  assertEquals(errors.map((error) => error.message), [
    "Cannot notify the service manager at vsock:2:9999: only paths and abstract names are supported",
  ]);
});

Deno.test("nothing is sent after the end", LINUX, async () => {
  const name = `liveroll-test-${crypto.randomUUID()}`;
  using manager = receiver(`\0${name}`);
  const notifier = openNotifier({ env: environment({ NOTIFY_SOCKET: `@${name}` }) });
  notifier.stopping();
  await notifier[Symbol.asyncDispose]();
  await notifier[Symbol.asyncDispose]();
  notifier.ready();
  assertEquals(await manager.next(), "STOPPING=1");
});

const PYTHON_RECEIVER = `
import os, socket, struct, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
s.bind(sys.argv[1])
print("bound", flush=True)
s.settimeout(20)
for _ in range(2):
    data, ancillary, _flags, _from = s.recvmsg(4096, 1024)
    pid = struct.unpack("iII", ancillary[0][2])[0]
    print(pid, data.decode(), flush=True)
`;

Deno.test({
  name: "a receiver in Python sees our own process id, as NotifyAccess=main demands",
  ...needs(linux(), program("python3")),
  fn: async () => {
    const directory = await Deno.makeTempDir();
    const path = `${directory}/notify.sock`;
    await using child = new Deno.Command("python3", {
      args: ["-c", PYTHON_RECEIVER, path],
      stdout: "piped",
      stdin: "null",
    }).spawn();
    const lines = readLines(child.stdout);
    assertEquals((await lines.next()).value, "bound");
    await using notifier = openNotifier({ env: environment({ NOTIFY_SOCKET: path }) });
    notifier.ready();
    notifier.status("serving v1 on 9101");
    assertEquals((await lines.next()).value, `${Deno.pid} READY=1`);
    assertEquals((await lines.next()).value, `${Deno.pid} STATUS=serving v1 on 9101`);
    await lines.return(undefined);
    await child.status;
    await Deno.remove(directory, { recursive: true });
  },
});

async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  let rest = "";
  for await (const chunk of stream) {
    const parts = (rest + new TextDecoder().decode(chunk)).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}

Deno.test("disposing ends although nobody reads what was sent", LINUX, async () => {
  const name = `liveroll-test-${crypto.randomUUID()}`;
  const manager = receiver(`\0${name}`);
  const errors: string[] = [];
  const notifier = openNotifier({
    env: environment({ NOTIFY_SOCKET: `@${name}` }),
    onError: (error) => errors.push(error.message),
  });
  // More than a socket takes that nobody reads from, and more than may wait.
  for (let n = 0; n < 100; n++) notifier.status(`${n}`);
  await deadline(Promise.resolve(notifier[Symbol.asyncDispose]()), 10_000);
  manager[Symbol.dispose]();
  assertEquals(errors.length, 1);
});
