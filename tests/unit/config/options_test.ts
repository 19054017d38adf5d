import { assertEquals } from "@std/assert";
import { optionsMarkdown } from "../../../scripts/docs.ts";
import { environmentName, OPTION_VARIABLES } from "../../../src/config/environment.ts";
import { GROUPS } from "../../../src/config/option.ts";
import { FLAGS, optionOf } from "../../../src/config/options.ts";

Deno.test("docs/options.md is what the table says (else: deno task docs)", async () => {
  const file = new URL("../../../docs/options.md", import.meta.url);
  assertEquals(await Deno.readTextFile(file), optionsMarkdown());
});

Deno.test("docs/options.md has a row for every option", () => {
  const markdown = optionsMarkdown();
  for (const flag of FLAGS) assertEquals(markdown.match(`\\| \`--${flag}[ \`]`)?.length, 1, flag);
});

Deno.test("every default can be read by its own option", () => {
  for (const flag of FLAGS) {
    const option = optionOf(flag);
    if (option.default !== null) option.kind.parse(option.default);
  }
});

Deno.test("the table goes group by group and speaks in one voice", () => {
  const groups = FLAGS.map((flag) => GROUPS.indexOf(optionOf(flag).group));
  assertEquals(groups, groups.toSorted((a, b) => a - b));
  for (const flag of FLAGS) {
    assertEquals(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(flag), true, flag);
    assertEquals(optionOf(flag).help.endsWith("."), false, flag);
    assertEquals(optionOf(flag).help.length <= 90, true, flag);
  }
});

Deno.test("every flag but the ones that print something has its variable", () => {
  const flags = FLAGS.filter((flag) => !["check", "version", "help"].includes(flag));
  assertEquals(OPTION_VARIABLES, flags.map(environmentName));
  assertEquals(environmentName("child-port1"), "LIVEROLL_CHILD_PORT1");
});
