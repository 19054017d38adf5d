import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { capture } from "../../scripts/lib/command.ts";
import { unitFile, type UnitFileOptions } from "../../src/handover/unit_file.ts";
import { needs, program } from "../helpers/skip.ts";

const systemd = program("systemd-analyze");

const NASTY = [
  "run",
  `--pull=docker pull 'a b' && echo "$HOME" 100% %i \\n`,
  "--id=line\nbreak",
  "--exec=exec ./app --port <<PORT>> ; # & | > /dev/null \\",
  ";",
  "",
];

async function verify(text: string): Promise<string> {
  const directory = await Deno.makeTempDir();
  try {
    const path = `${directory}/liveroll.service`;
    await Deno.writeTextFile(path, text);
    const { stdout, stderr } = await capture("systemd-analyze", ["verify", "--man=no", path]);
    return stdout + stderr;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** A unit whose program exists: a missing one is a finding as well. */
function unit(
  args: readonly string[],
  { childrenOutlive = false, engineUnit = null }: Partial<UnitFileOptions> = {},
): string {
  return unitFile({
    childrenOutlive,
    engineUnit,
    description: `100% "nasty"`,
    execPath: Deno.execPath(),
    args,
    stopLimitMs: 45_000,
  });
}

Deno.test({
  name: "systemd-analyze verify finds nothing to say about the unit, whatever the flags hold",
  ...needs(systemd),
  fn: async () => {
    assertEquals(await verify(unit(NASTY)), "");
    assertEquals(await verify(unit(NASTY, { childrenOutlive: true })), "");
    assertEquals(await verify(unit(NASTY, { engineUnit: "no-such-engine.service" })), "");
  },
});

Deno.test({
  name: "systemd-analyze verify finds nothing to say about what the unit proposes in comments",
  ...needs(systemd),
  fn: async () => {
    const proposed = unit([]).replace(/^#(?=LoadCredential=)/m, "");
    assertStringIncludes(proposed, "\nLoadCredential=");
    assertEquals(await verify(proposed), "");
  },
});

Deno.test({
  name: "systemd-analyze verify would complain about an unknown setting and about bad quotes",
  ...needs(systemd),
  fn: async () => {
    assertStringIncludes(await verify(unit([]).replace("\nKillMode=", "\nKilMode=")), "KilMode");
    assert((await verify(unit([]).replace("ExecStart=", 'ExecStart="'))) !== "");
  },
});

Deno.test({
  name: "`liveroll unit` prints a unit that systemd-analyze accepts",
  ...needs(systemd),
  fn: async () => {
    const main = new URL("../../main.ts", import.meta.url).pathname;
    const flags = ["--pull=date +%s", "--id=echo $X", `--exec=echo "<<PORT>>" \\`];
    const printed = await capture(Deno.execPath(), ["run", "-A", main, "unit", ...flags]);
    assertEquals(printed.stderr, "");
    const text = printed.stdout.replace("=/usr/local/bin/liveroll ", `=${Deno.execPath()} `);
    assertEquals(await verify(text), "");
    assertStringIncludes(text, `"--exec=echo \\"<<PORT>>\\" \\\\"\n`);
  },
});
