import { assertEquals, assertMatch } from "@std/assert";
import { checking, SelfUpgrade } from "../../../../src/commands/run/self_upgrade.ts";
import { foreignFunctions } from "../../../helpers/handover.ts";
import { needs, root } from "../../../helpers/skip.ts";

const FULL = needs(foreignFunctions());
const DIR = "/run/blog";

Deno.test("options are only checked where they are options", () => {
  assertEquals(checking([]), ["--check"]);
  assertEquals(checking(["--port=1"]), ["--check", "--port=1"]);
  assertEquals(checking(["server", "--port=1", "--", "./app", "-x"]), [
    ...["server", "--check", "--port=1", "--", "./app", "-x"],
  ]);
});

Deno.test("who hands nothing over cannot be upgraded, and says what to do", async () => {
  const upgrade = new SelfUpgrade({ handover: null, commandLine: ["liveroll"], args: [] });
  assertEquals(await upgrade.start(null), {
    refused: "this liveroll hands nothing over: give it --handover, or restart the service",
  });
});

Deno.test({
  name: "a program that cannot be used is refused, with the reason",
  ...FULL,
  async fn() {
    const upgrade = new SelfUpgrade({ handover: DIR, commandLine: ["liveroll"], args: [] });
    const open = await Deno.makeTempFile();
    await Deno.chmod(open, 0o777);
    const refusals: [string, RegExp][] = [
      ["liveroll", /^liveroll is no absolute path$/],
      ["/nowhere", /^\/nowhere cannot be used: .*No such file/],
      ["/tmp", /^\/tmp is no file$/],
      [open, /can be changed by others; chmod go-w$/],
      ["/etc/passwd", /^the new liveroll cannot be started: .*Permission denied/],
      ["/bin/false", /^the new liveroll refuses these options \(exit status 1\)/],
    ];
    for (const [binary, reason] of refusals) {
      const start = await upgrade.start(binary);
      assertMatch("refused" in start ? start.refused : "", reason);
    }
    await Deno.remove(open);
  },
});

Deno.test({
  name: "a program of somebody else is refused",
  ...needs(foreignFunctions(), root()),
  async fn() {
    const upgrade = new SelfUpgrade({ handover: DIR, commandLine: ["liveroll"], args: [] });
    const theirs = await Deno.makeTempFile();
    await Deno.chown(theirs, 65_534, 65_534);
    assertEquals(await upgrade.start(theirs), {
      refused: `${theirs} belongs to user 65534; chown it`,
    });
    await Deno.remove(theirs);
  },
});

Deno.test({
  name: "the new program is asked for its opinion, and then started with the same words",
  ...FULL,
  async fn() {
    const dir = await Deno.makeTempDir();
    const program = `${dir}/liveroll`;
    const script = `#!/bin/sh\necho "$0 $@" >> ${dir}/said\n`;
    await Deno.writeTextFile(program, script, { mode: 0o755 });
    await new Deno.Command("mkfifo", { args: [`${dir}/ended`] }).output();
    await Deno.writeTextFile(program, `${script}[ $2 = --check ] || echo $$ > ${dir}/ended\n`);
    const args = ["server", "--port=1"];
    const upgrade = new SelfUpgrade({ handover: dir, commandLine: [program, ...args], args });
    const start = await upgrade.start(null);
    const pid = Number(await Deno.readTextFile(`${dir}/ended`));
    assertEquals(start, { pid });
    assertEquals((await Deno.readTextFile(`${dir}/said`)).trim().split("\n"), [
      `${program} server --check --port=1`,
      `${program} server --port=1`,
    ]);
    await Deno.remove(dir, { recursive: true });
  },
});
