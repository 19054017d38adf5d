import { assertEquals, assertThrows } from "@std/assert";
import { StateDirectory, StateLockedError } from "../../../src/state/state_directory.ts";
import { TempDirectory } from "./temp_directory.ts";

Deno.test("a state directory is made, with its parents, and closed to others", () => {
  using dir = new TempDirectory();
  using state = StateDirectory.open(`${dir.path}/a/./b//`);
  assertEquals(state.path, `${dir.path}/a/b`);
  assertEquals(Deno.statSync(state.path).mode! & 0o777, 0o700);
  assertEquals(Deno.readTextFileSync(`${state.path}/lock`), `${Deno.pid}\n`);
});

Deno.test("one that others can enter is closed", () => {
  using dir = new TempDirectory();
  Deno.chmodSync(dir.path, 0o755);
  using state = StateDirectory.open(dir.path);
  assertEquals(Deno.statSync(state.path).mode! & 0o777, 0o700);
});

Deno.test("a second one is refused, and told who was first; after the first it is free", () => {
  using dir = new TempDirectory();
  {
    using _first = StateDirectory.open(dir.path);
    assertThrows(
      () => StateDirectory.open(dir.path),
      StateLockedError,
      `Cannot use ${dir.path} as state directory: another liveroll (pid ${Deno.pid}) works with it`,
    );
  }
  using _again = StateDirectory.open(dir.path);
});

Deno.test("a child that lives on does not keep the lock", async () => {
  using dir = new TempDirectory();
  let child: Deno.ChildProcess;
  {
    using _first = StateDirectory.open(dir.path);
    const args = ["-c", "echo here; exec sleep 60"];
    child = new Deno.Command("sh", { args, stdout: "piped" }).spawn();
    // Until a program has begun, it still has what is closed by then: spawn does not wait for that.
    for await (const _here of child.stdout) break;
  }
  using _again = StateDirectory.open(dir.path);
  child.kill("SIGKILL");
  await child.status;
});

Deno.test("what cannot be a state directory is named, with the reason", () => {
  using dir = new TempDirectory();
  Deno.writeTextFileSync(`${dir.path}/file`, "");
  for (const path of [`${dir.path}/file`, `${dir.path}/file/x`]) {
    assertThrows(() => StateDirectory.open(path), Error, `Cannot use ${path} as state directory`);
  }
  const long = `${dir.path}/${"x".repeat(100)}`;
  assertThrows(() => StateDirectory.open(long), Error, "107 are possible; give a shorter");
});
