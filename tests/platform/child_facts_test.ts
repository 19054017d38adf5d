import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { firstLine, runs, until } from "../unit/platform/processes.ts";

const IS_LINUX = Deno.build.os === "linux";

function spawn(script: string, options: Deno.CommandOptions = {}): Deno.ChildProcess {
  return new Deno.Command("sh", {
    args: ["-c", script],
    detached: true,
    stdin: "null",
    stdout: "piped",
    ...options,
  }).spawn();
}

async function idsOf(pid: number): Promise<number[]> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["-o", "pid=,pgid=,sess=", "-p", String(pid)],
  }).output();
  return new TextDecoder().decode(stdout).trim().split(/\s+/).map(Number);
}

Deno.test({
  name: "a detached child leads a session and a group of its own",
  ignore: !IS_LINUX,
  async fn() {
    const child = spawn("echo up; exec sleep 600");
    await firstLine(child.stdout);
    assertEquals(await idsOf(child.pid), [child.pid, child.pid, child.pid]);
    assertNotEquals((await idsOf(Deno.pid))[1], child.pid);
    child.kill("SIGKILL");
    await child.status;
    await child.stdout.cancel();
  },
});

Deno.test("a negative id reaches the whole group, and a group that is gone is not found", async () => {
  const child = spawn("sleep 600 & echo $!; exec sleep 600");
  const grandchild = Number(await firstLine(child.stdout));
  Deno.kill(-child.pid, "SIGKILL");
  assertEquals(await child.status, { success: false, code: 137, signal: "SIGKILL" });
  await until(() => !runs(grandchild));
  await child.stdout.cancel();
  const alone = spawn("exit 0");
  await alone.status;
  await alone.stdout.cancel();
  assertThrows(() => Deno.kill(-alone.pid, "SIGTERM"), Deno.errors.NotFound);
});

Deno.test("clearEnv leaves a child nothing but what it is given", async () => {
  Deno.env.set("NOTIFY_SOCKET", "/run/test");
  const child = spawn("env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= | sort", {
    clearEnv: true,
    env: { A: "1", PATH: Deno.env.get("PATH")! },
  });
  Deno.env.delete("NOTIFY_SOCKET");
  const text = await new Response(child.stdout).text();
  await child.status;
  assertEquals(text.split("\n").filter((line) => !/^(OLDPWD|PATH)=/.test(line)), ["A=1", ""]);
});

Deno.test("status is known while a grandchild still holds the pipe", async () => {
  const child = spawn("sleep 600 & exit 5");
  assertEquals((await child.status).code, 5);
  const reader = child.stdout.getReader();
  const read = reader.read();
  await reader.cancel();
  assertEquals((await read).done, true);
  Deno.kill(-child.pid, "SIGKILL");
});

Deno.test({
  name: "a zombie answers signal 0 as if it ran",
  ignore: !IS_LINUX,
  async fn() {
    // The parent replaces itself by a program that never waits for its children.
    const child = spawn("sh -c 'echo $$' & exec sleep 600");
    const zombie = Number(await firstLine(child.stdout));
    await until(() => !runs(zombie));
    Deno.kill(zombie, 0);
    child.kill("SIGKILL");
    await child.status;
    await child.stdout.cancel();
  },
});

Deno.test("a listener with SO_REUSEADDR is still refused next to one on the wildcard", {
  ignore: !IS_LINUX,
}, () => {
  using wildcard = Deno.listen({ hostname: "0.0.0.0", port: 0 });
  const { port } = wildcard.addr;
  assertThrows(() => Deno.listen({ hostname: "127.0.0.1", port }), Deno.errors.AddrInUse);
});
