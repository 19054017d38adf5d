import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { expandTemplates } from "../../../src/runtime/template.ts";

const VALUES = { port: 9101, healthcheck: "/up?deep=1", id: "v1" };

/** What a real shell makes of the arguments of a command. */
function shell(command: string, id: string): string {
  const env = { PATH: Deno.env.get("PATH")!, LIVEROLL_ID: id };
  const args = ["-c", expandTemplates(command, { ...VALUES, id })];
  const { stdout, stderr, success } = new Deno.Command("sh", { args, env, clearEnv: true })
    .outputSync();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`${args[1]}: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}

Deno.test("expandTemplates replaces every occurrence, as it stands", () => {
  const command = "app -p <<PORT>> --port=<<PORT>> -c '<<HEALTHCHECK>>' <<UNKNOWN>> << PORT >>";
  assertEquals(
    expandTemplates(command, VALUES),
    "app -p 9101 --port=9101 -c '/up?deep=1' <<UNKNOWN>> << PORT >>",
  );
});

Deno.test("expandTemplates leaves a harmless id bare, in words and in quotes", () => {
  for (const id of ["v1.2.3", "sha256:ab12", "registry:5000/app@sha256:ab", "1.0+build-7"]) {
    const command = `run app:<<ID>> "app:<<ID>>" 'x<<ID>>'`;
    assertEquals(
      expandTemplates(command, { ...VALUES, id }),
      `run app:${id} "app:${id}" 'x${id}'`,
    );
  }
});

Deno.test("expandTemplates never lets any other id become part of the command", () => {
  for (const id of ["", "a b", "$(x)", "`x`", "a'b", 'a"b', "a;b", "-rf", "a\nb", "~", "*", "ü"]) {
    const expanded = expandTemplates("run app:<<ID>> \"<<ID>>\" '<<ID>>'", { ...VALUES, id });
    assertEquals(
      expanded,
      'run app:"${LIVEROLL_ID}" "${LIVEROLL_ID}" \'\'"${LIVEROLL_ID}"\'\'',
    );
  }
});

/** Commands that print the id between `<` and `>`, in every context of a shell. */
const CONTEXTS = [
  "printf '<%s>' <<ID>>",
  'printf "<%s>" "<<ID>>"',
  "printf '<%s>' '<<ID>>'",
  "printf %s '<'<<ID>>'>'",
  'printf %s "<"\'<<ID>>\'">"',
  `printf '<%s>' "it's" >/dev/null; printf '<%s>' <<ID>>`,
  `printf '<%s>' 'say "' >/dev/null; printf '<%s>' <<ID>>`,
  `: \\' ; printf '<%s>' <<ID>>`,
  `: "\\"" ; printf '<%s>' <<ID>>`,
  ": # don't\nprintf '<%s>' <<ID>>",
  ": x#'y' $# ; printf '<%s>' <<ID>>",
  "printf '<%s>' \"$(printf '%s.' <<ID>> | sed '$ s/.$//')\"",
  'printf "<%s>" "$(printf %s. "<<ID>>" | sed \'$ s/.$//\')"',
  "printf '<%s>' \"$(printf %s. '<<ID>>' | (cat) | sed '$ s/.$//')\"",
  "printf '<%s>' \"`printf %s. <<ID>> | sed '$ s/.$//'`\"",
  'printf "<%s>" "${NONE:-<<ID>>}"',
  "printf '<%s>' ${NONE:-<<ID>>}",
  "(printf '<%s>' <<ID>>)",
  "X=<<ID>>; printf '<%s>' \"$X\"",
  "printf '<%s>' <<ID>>>&1",
  "printf '<%s>' \\<<ID>>",
];

Deno.test("any id reaches a real shell byte for byte and runs nothing, wherever it stands", () => {
  const pieces = ["'", '"', "`", "$", "(", ")", "\\", ";", "&", "|", "<", ">", "*", "~", "#", "!"];
  const part = fc.oneof(
    fc.constantFrom(...pieces, "\n", " ", "\t", "{", "}", "=", "-", "%s", "$(echo x)", "`echo x`"),
    fc.string({ maxLength: 4 }),
    fc.string({ unit: "grapheme", maxLength: 3 }),
  );
  // A substitution strips newlines at the end by the rules of the shell, hence the last letter.
  const id = fc.array(part, { maxLength: 8 })
    .map((parts) => parts.join("").replaceAll("\0", "") + "z");
  fc.assert(
    fc.property(id, fc.constantFrom(...CONTEXTS), (id, command) => {
      assertEquals(shell(command, id), `<${id}>`, command);
    }),
    { numRuns: 300 },
  );
});

Deno.test("every context takes a plain and a hostile id", () => {
  for (const command of CONTEXTS) {
    for (const id of ["v1", "2", `a'b"c $(echo x)\`echo y\` \\ ;z`]) {
      assertEquals(shell(command, id), `<${id}>`, command);
    }
  }
});

Deno.test("no command, however odd, makes an id run", () => {
  const id = "$(echo RAN >&2)`echo RAN >&2`';echo RAN >&2;'\";echo RAN >&2;\"\necho RAN >&2";
  const bits = ["'", '"', "`", "\\", "$(", ")", "${X:-", "}", " ", "\n", "#", "(", "<<ID>>", "a"];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...bits), { maxLength: 10 }), (parts) => {
      const command = `: ${parts.join("")} <<ID>>`;
      const env = { PATH: "/nowhere", LIVEROLL_ID: id };
      const args = ["-c", expandTemplates(command, { ...VALUES, id })];
      const { stderr } = new Deno.Command("/bin/sh", { args, env, clearEnv: true }).outputSync();
      const said = new TextDecoder().decode(stderr).split("\n");
      assertEquals(said.includes("RAN"), false, args[1]);
    }),
    { numRuns: 300 },
  );
});
