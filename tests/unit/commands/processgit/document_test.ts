// What docs/updater.md says is read here, and done.
import { assert, assertEquals } from "@std/assert";
import { fromUpdater } from "../../../../src/commands/processgit/from_updater.ts";
import { OLD_NAMES, PREFIX } from "../../../../src/commands/processgit/old_variable.ts";
import { OLD_VARIABLES } from "../../../../src/commands/processgit/old_variables.ts";
import { FLAGS } from "../../../../src/config/options.ts";
import { assertShown } from "../../../helpers/document.ts";
import { testExamples } from "../document_example.ts";

const ROOT = new URL("../../../../", import.meta.url).pathname;
const DOCUMENT = Deno.readTextFileSync(`${ROOT}docs/updater.md`);

/** What has to be said in any case. */
const REQUIRED = { [`${PREFIX}TOKEN`]: "t".repeat(32), [`${PREFIX}STUB`]: "false" };

/** The rows of the tables in a section, table by table, cell by cell. */
function tables(heading: string): string[][][] {
  const section = DOCUMENT.split(`\n## ${heading}\n`)[1]?.split(/\n## /)[0] ?? "";
  return [...section.matchAll(/^\|.*(?:\n\|.*)*/gm)].map(([table]) =>
    table.split("\n").slice(2).map((line) =>
      line.split("|").slice(1, -1).map((cell) => cell.trim())
    )
  );
}

/** What stands between the first backticks. */
function code(text: string): string {
  return /`([^`]+)`/.exec(text)?.[1] ?? "";
}

const [VARIABLES = [], DEFAULTS = []] = tables("The variables");

Deno.test("docs/updater.md has every variable with its default", () => {
  const told = VARIABLES.map(([name = "", value = ""]) => [code(name), code(value)]);
  const known = OLD_NAMES.map((name) => [PREFIX + name, OLD_VARIABLES[name].default]);
  assertEquals(told, [...known, ["COSIGN_BIN", "cosign"]]);
});

Deno.test("docs/updater.md: each variable becomes what it says, and nothing else", () => {
  const told = VARIABLES.flatMap(([, , ours = ""]) => code(ours).split(" ").filter(Boolean));
  assertEquals(told, [...fromUpdater([], REQUIRED).args]);
  for (const [name = "", value = "", ours = ""] of VARIABLES) {
    if (!code(value) || name.includes("STUB")) continue;
    const { args, problems } = fromUpdater([], { ...REQUIRED, [code(name)]: code(value) });
    assertEquals(problems, []);
    const words = code(ours).split(" ").filter(Boolean);
    assertEquals(words.filter((word) => !args.includes(word)), [], name);
  }
});

Deno.test("docs/updater.md: options are by default what it says", () => {
  const told = DEFAULTS.map(([option = "", value = ""]) => [code(option).slice(2), code(value)]);
  assertEquals(Object.fromEntries(told), { ...fromUpdater([], REQUIRED).defaults });
  const withPort = fromUpdater(["--port=80"], REQUIRED).defaults;
  assertEquals(withPort.host, undefined);
});

testExamples("docs/updater.md", DOCUMENT, "updater");

Deno.test("docs/updater.md: the unit sets variables that are read", () => {
  const [, unit = ""] = /```ini\n(.*?)```/s.exec(DOCUMENT) ?? [];
  const set = [...unit.matchAll(/^Environment=(\w+)=(.*)$/gm)].map(([, name, value]) =>
    [name, value] as const
  );
  const env = { ...REQUIRED, ...Object.fromEntries(set) };
  const { problems, warnings, notes } = fromUpdater(["--port", "18080"], env);
  assertEquals([set.length, problems, warnings, notes], [3, [], [], []]);
});

Deno.test("docs/updater.md names no option that is not there", () => {
  const flags: readonly string[] = [...FLAGS, "dry-run"];
  for (const [, flag = ""] of DOCUMENT.matchAll(/`--([a-z-]+)/g)) {
    assert(flags.includes(flag), flag);
  }
});

Deno.test("docs/updater.md: what is said to be tested is tested", () => {
  const [promises = []] = tables("How this is tested");
  assert(promises.length > 10);
  assertShown(promises);
});
