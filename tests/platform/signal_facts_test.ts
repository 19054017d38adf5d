import { assertEquals } from "@std/assert";

const LISTENER = new URL("signal_listener.ts", import.meta.url).pathname;

Deno.test("TERM, HUP and USR2 can be heard and survived; nothing is left to wait for after", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--frozen", LISTENER],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  for (const name of ["ready", "TERM", "HUP", "USR2", "INT"] as const) {
    if (name !== "ready") Deno.kill(child.pid, `SIG${name}`);
    assertEquals((await lines.read()).value, `${name}\n`);
  }
  assertEquals(await child.status, { success: true, code: 0, signal: null });
  await lines.cancel();
});

Deno.test("a signal listener alone does not keep a program running", async () => {
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "Deno.addSignalListener('SIGHUP', () => {})"],
    env: { NO_COLOR: "1" },
  }).output();
  assertEquals(code, 0);
});
