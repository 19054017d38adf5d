import { assertEquals, assertRejects } from "@std/assert";
import { succeed } from "../../../../scripts/lib/command.ts";
import { readEnvFile } from "../../../../src/compose/dotenv/env_file.ts";
import { FileChangedError, replaceEnvFile } from "../../../../src/compose/dotenv/replace_file.ts";
import { EnvSyntaxError } from "../../../../src/compose/dotenv/statement.ts";
import { applyEnvChange, planEnvChange, restoreEnv } from "../../../../src/compose/dotenv/swap.ts";
import { linux, needs, program, root } from "../../../helpers/skip.ts";
import { TempDirectory } from "../../artifact/temp_directory.ts";

/** A `.env` in a directory of its own. */
class Home extends TempDirectory {
  readonly env = `${this.path}/.env`;

  constructor(text: string | null, mode = 0o640) {
    super();
    if (text === null) return;
    Deno.writeTextFileSync(this.env, text);
    Deno.chmodSync(this.env, mode);
  }

  get text(): string {
    return Deno.readTextFileSync(this.env);
  }

  async set(value: string) {
    const change = await planEnvChange(this.env, "V", value);
    await applyEnvChange(change);
    return change.backup;
  }
}

Deno.test("a change keeps permissions and owner, and leaves nothing beside the file", async () => {
  using home = new Home("A=1\nV=1\n");
  const before = Deno.statSync(home.env);
  await home.set("2");
  const { mode, uid, gid } = Deno.statSync(home.env);
  assertEquals([home.text, mode! & 0o7777], ["A=1\nV=2\n", 0o640]);
  assertEquals([uid, gid], [before.uid, before.gid]);
  assertEquals(home.names(), [".env"]);
});

Deno.test({
  name: "a change by root keeps the owner",
  ...needs(root()),
  fn: async () => {
    using home = new Home("V=1\n", 0o400);
    Deno.chownSync(home.env, 1234, 4321);
    await home.set("2");
    const { mode, uid, gid } = Deno.statSync(home.env);
    assertEquals([mode! & 0o7777, uid, gid], [0o400, 1234, 4321]);
  },
});

Deno.test("planning changes nothing, and tells what there is to put back", async () => {
  using home = new Home("V=0\nV='1'\n");
  const { backup, before } = await planEnvChange(home.env, "V", "2");
  assertEquals([home.text, before.lines, before.value], ["V=0\nV='1'\n", [1, 2], "1"]);
  assertEquals(atob(backup.content!), "V=0\nV='1'\n");
});

Deno.test("a symbolic link stays one; where it leads to, the value changes", async () => {
  using home = new Home(null);
  Deno.mkdirSync(`${home.path}/real`);
  Deno.writeTextFileSync(`${home.path}/real/env`, "V=1\n");
  Deno.symlinkSync("real/env", home.env);
  const backup = await home.set("2");
  assertEquals(Deno.lstatSync(home.env).isSymlink, true);
  assertEquals(Deno.readTextFileSync(`${home.path}/real/env`), "V=2\n");
  assertEquals(await restoreEnv(backup), "whole");
  assertEquals([Deno.lstatSync(home.env).isSymlink, home.text], [true, "V=1\n"]);
});

Deno.test("a file that is not there is made for its owner only, and taken away again", async () => {
  using home = new Home(null);
  const backup = await home.set("2");
  assertEquals([home.text, Deno.statSync(home.env).mode! & 0o7777], ["V=2\n", 0o600]);
  assertEquals(await restoreEnv(backup), "whole");
  assertEquals(home.names(), []);
});

Deno.test("what is put back is the same to the last byte, with its permissions", async () => {
  const before = "\ufeff# mine\r\nV = '1'  # live\r\nV2=x";
  using home = new Home(before);
  const backup = await home.set("2");
  assertEquals(home.text, "\ufeff# mine\r\nV = 2  # live\r\nV2=x");
  Deno.chmodSync(home.env, 0o600);
  assertEquals(await restoreEnv(backup), "whole");
  assertEquals([home.text, Deno.statSync(home.env).mode! & 0o7777], [before, 0o640]);
  assertEquals(await restoreEnv(backup), "whole", "once more");
});

Deno.test("a file that is gone comes back whole, with its permissions", async () => {
  using home = new Home("A=1\nV=1\n");
  const backup = await home.set("2");
  Deno.removeSync(home.env);
  assertEquals(await restoreEnv(backup), "whole");
  assertEquals([home.text, Deno.statSync(home.env).mode! & 0o7777], ["A=1\nV=1\n", 0o640]);
});

Deno.test("what people have changed since stays: only the value is put back", async () => {
  using home = new Home("A=1\nV='1'\n");
  const backup = await home.set("2");
  Deno.writeTextFileSync(home.env, "A=9\nB=8\nV=2\n");
  assertEquals(await restoreEnv(backup), "value_only");
  assertEquals(home.text, "A=9\nB=8\nV='1'\n");
  assertEquals(await restoreEnv(backup), "value_only", "once more");
  assertEquals(home.text, "A=9\nB=8\nV='1'\n");
});

Deno.test("a file that somebody else writes meanwhile is not overwritten", async () => {
  using home = new Home("V=1\n");
  const file = await readEnvFile(home.env);
  const onWritten = () => Deno.writeTextFileSync(home.env, "V=1\nB=2\n");
  const bytes = new TextEncoder().encode("V=2\n");
  await assertRejects(
    () => replaceEnvFile(file, bytes, { onWritten }),
    FileChangedError,
    `Cannot write ${home.env}: somebody else is changing it right now`,
  );
  assertEquals([home.text, home.names()], ["V=1\nB=2\n", [".env"]]);
});

Deno.test("a file that came or went meanwhile is not overwritten, either", async () => {
  using home = new Home(null);
  const change = await planEnvChange(home.env, "V", "2");
  Deno.writeTextFileSync(home.env, "V=7\n");
  await assertRejects(() => applyEnvChange(change), FileChangedError);
  const next = await planEnvChange(home.env, "V", "2");
  Deno.removeSync(home.env);
  await assertRejects(() => applyEnvChange(next), FileChangedError);
  assertEquals(home.names(), []);
});

Deno.test({
  name: "a file that is mounted itself is left alone, with a word about what to do",
  ...needs(linux(), root(), program("mount", "umount")),
  fn: async () => {
    using home = new Home("V=1\n");
    await succeed("mount", ["--bind", home.env, home.env]);
    try {
      await assertRejects(
        () => home.set("2"),
        Error,
        `Cannot write ${home.env}: the file itself is mounted, and such a file cannot be replaced ` +
          `in one step; mount the directory`,
      );
      assertEquals([home.text, home.names()], ["V=1\n", [".env"]]);
    } finally {
      await succeed("umount", [home.env]);
    }
  },
});

Deno.test("what is no such file is refused with its name, and nothing changes", async () => {
  using home = new Home("V=1\nA='\n");
  const refused = (message: string, path = home.env) =>
    assertRejects(() => planEnvChange(path, "V", "2"), Error, message);
  await refused(`Cannot read the environment file ${home.env}: line 2: the quote ' does not end`);
  await refused(
    `Cannot read the environment file ${home.path}: it is not a regular file`,
    home.path,
  );
  const nowhere = `${home.path}/a/.env`;
  await refused(`Cannot use the environment file ${nowhere}: there is no ${home.path}/a`, nowhere);
  Deno.writeFileSync(home.env, new Uint8Array([0x56, 0x3d, 0xff]));
  await refused(`Cannot read the environment file ${home.env}: it is not UTF-8; convert it`);
  Deno.removeSync(home.env);
  Deno.symlinkSync("nothing", home.env);
  await refused(`Cannot read the environment file ${home.env}: it is a link that leads nowhere`);
});

Deno.test("a file that compose cannot read any more is not guessed at when it is put back", async () => {
  using home = new Home("V=1\n");
  const backup = await home.set("2");
  Deno.writeTextFileSync(home.env, "V='2\n");
  await assertRejects(() => restoreEnv(backup), EnvSyntaxError, home.env);
  assertEquals(home.text, "V='2\n");
});
