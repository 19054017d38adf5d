import { assertEquals } from "@std/assert";

Deno.test("a collected fetch cannot be aborted any more: its body goes on, so we cancel it ourselves", async () => {
  const script = new URL("./fetch_abort_gc.ts", import.meta.url).pathname;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-config", "--no-lock", "--v8-flags=--expose-gc", script],
    stderr: "inherit",
  }).output();
  // Deno keeps the signal that it derives from ours by a weak reference only.
  assertEquals(new TextDecoder().decode(stdout).trim(), "goes on");
});
