import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ALLOWED, Rig } from "./rig.ts";

Deno.test("the same answers come over the unix socket and over TCP", async () => {
  await using rig = await Rig.start();
  const overUnix = await (await rig.unix("/v1/status")).json();
  const overTcp = await (await rig.tcp("/v1/status", { headers: ALLOWED })).json();
  assertEquals(overUnix, rig.operator.current);
  assertEquals(overTcp, overUnix);
});

Deno.test("only our user may open the socket", async () => {
  await using rig = await Rig.start();
  const { mode, isSocket } = await Deno.lstat(rig.socketPath);
  assertEquals([isSocket, (mode ?? 0) & 0o777], [true, 0o600]);
});

Deno.test("the socket of a process that is gone is replaced", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/control.sock`;
  const kill = `import socket,os; s=socket.socket(socket.AF_UNIX); s.bind("${path}"); s.listen()`;
  await new Deno.Command("python3", { args: ["-c", kill] }).output();
  assertEquals((await Deno.lstat(path)).isSocket, true);
  {
    await using rig = await Rig.start({ socketPath: path });
    const client = Deno.createHttpClient({ proxy: { transport: "unix", path } });
    const response = await fetch("http://127.0.0.1/v1/healthz", { client });
    assertEquals((await response.json()).status, "ok");
    client.close();
    assertEquals(rig.errors, []);
  }
  await Deno.remove(dir, { recursive: true });
});

Deno.test("the next one at the same path is there as soon as the one before has closed", async () => {
  const dir = await Deno.makeTempDir();
  const socketPath = `${dir}/control.sock`;
  {
    await using first = await Rig.start({ socketPath, listen: null });
    await first.server.close();
    assertEquals([...Deno.readDirSync(dir)], []);
    await using _second = await Rig.start({ socketPath, listen: null });
    // What the one before may have left to do would have been done.
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve));
    assertEquals((await Deno.lstat(socketPath)).isSocket, true);
  }
  await Deno.remove(dir, { recursive: true });
});

Deno.test("something that is not a socket is left alone", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, "precious");
  await assertRejects(
    () => Rig.start({ socketPath: path }),
    Error,
    `Cannot listen on ${path}: something is there that is not a socket`,
  );
  assertEquals(await Deno.readTextFile(path), "precious");
  await Deno.remove(path);
});

Deno.test("a path that is too long for a socket is named, with its length", async () => {
  const path = `/tmp/${"x".repeat(120)}`;
  const message = `Cannot listen on ${path}: the path has 125 bytes, a socket may have 107`;
  await assertRejects(() => Rig.start({ socketPath: path }), Error, message);
});

Deno.test("a directory that is not there is told", async () => {
  const path = "/tmp/liveroll-nowhere/control.sock";
  const message = `Cannot listen on ${path}: there is no such directory`;
  await assertRejects(() => Rig.start({ socketPath: path }), Error, message);
});

Deno.test("a taken port is told, and the socket is gone again", async () => {
  await using first = await Rig.start();
  const socketPath = `${first.dir}/second.sock`;
  const listen = { host: "127.0.0.1", port: first.port };
  await assertRejects(
    () => Rig.start({ socketPath, listen }),
    Error,
    `Cannot listen on 127.0.0.1:${first.port}: the address is in use`,
  );
  await assertRejects(() => Deno.lstat(socketPath), Deno.errors.NotFound);
});

Deno.test("without a token it does not start where others can reach it", async () => {
  const listen = { host: "0.0.0.0", port: 0 };
  const error = await assertRejects(() => Rig.start({ listen, token: null }), Error);
  assertStringIncludes(error.message, "0.0.0.0:0 without a token");
});

Deno.test("it listens on ::1 and answers there", async () => {
  await using rig = await Rig.start({ listen: { host: "::1", port: 0 }, token: null });
  const response = await fetch(`http://[::1]:${rig.port}/v1/healthz`);
  assertEquals((await response.json()).status, "ok");
});

Deno.test("neither socket nor TCP is nothing at all", async () => {
  await using rig = await Rig.start({ socketPath: null, listen: null });
  assertEquals(rig.server.addr, null);
});

Deno.test("the socket file is gone when it has closed", async () => {
  const rig = await Rig.start();
  await rig.server.close();
  await assertRejects(() => Deno.lstat(rig.socketPath), Deno.errors.NotFound);
  await rig[Symbol.asyncDispose]();
});

Deno.test("no answer may be kept, or taken for something else", async () => {
  await using rig = await Rig.start();
  for (const path of ["/v1/status", "/v1/nothing", "/v1/healthz", "/metrics"]) {
    const response = await rig.unix(path);
    await response.body?.cancel();
    assertEquals(response.headers.get("cache-control"), "no-store", path);
    assertEquals(response.headers.get("x-content-type-options"), "nosniff", path);
  }
});

Deno.test("what nobody expected is told, and answered 500", async () => {
  await using rig = await Rig.start();
  rig.operator.report = () => Promise.reject(new Error("it broke"));
  const response = await rig.unix("/v1/doctor");
  const { code, detail } = await response.json();
  assertEquals([response.status, code, detail], [500, "internal", "Cannot answer: it broke"]);
  assertEquals(rig.errors.map(String), ["Error: it broke"]);
});

Deno.test("an answer that never comes does not keep it from closing", async () => {
  const rig = await Rig.start();
  const { promise: never, resolve } = Promise.withResolvers<never>();
  rig.operator.report = () => never;
  const asked = rig.unix("/v1/doctor");
  while (rig.operator.asked.length === 0) await new Promise((next) => setTimeout(next, 1));
  const [response] = await Promise.all([asked, rig.server.close()]);
  assertEquals([response.status, (await response.json()).code], [503, "unavailable"]);
  resolve(undefined as never);
  await rig[Symbol.asyncDispose]();
});
