// What holds for all documents of this repository.
import { assert, assertEquals } from "@std/assert";
import { EXIT } from "../../src/commands/exit_codes.ts";
import { COMMANDS, main } from "../../src/commands/mod.ts";
import { FLAGS } from "../../src/config/options.ts";
import { commandsIn, type DocumentCommand } from "../helpers/document_commands.ts";
import { rowsBelow } from "../helpers/document.ts";
import { anchorsIn, linksIn } from "../helpers/links.ts";
import { toldOfState } from "../helpers/state_table.ts";
import { fakeIo } from "./commands/fake_io.ts";

const ROOT = new URL("../../", import.meta.url);

/** Nobody knows it. */
const UNKNOWN = "--of-no-command";

/** They speak the language of other programs; the tests of their own documents run them. */
const FOREIGN = ["migrate", "updater"];

/** All documents, by their paths. */
const DOCUMENTS: ReadonlyMap<string, string> = new Map(
  ["", "docs/"].flatMap((directory) =>
    [...Deno.readDirSync(new URL(directory || ".", ROOT))]
      .filter(({ name }) => name.endsWith(".md"))
      .map(({ name }) => [directory + name, Deno.readTextFileSync(new URL(directory + name, ROOT))])
  ),
);

Deno.test("every link of a document leads to a file or a heading that is there", () => {
  const broken: string[] = [];
  let count = 0;
  for (const [document, text] of DOCUMENTS) {
    for (const { path, anchor } of linksIn(text)) {
      const target = path === "" ? document : new URL(path, new URL(document, ROOT)).pathname;
      const file = target.replace(ROOT.pathname, "");
      if (!leads(file, anchor)) broken.push(`${document}: ${path}${anchor && `#${anchor}`}`);
      count++;
    }
  }
  assertEquals(broken, []);
  assert(count > 50, `${count}`);
});

function leads(file: string, anchor: string): boolean {
  try {
    Deno.statSync(new URL(file, ROOT));
  } catch {
    return false;
  }
  if (anchor === "" || !file.endsWith(".md")) return true;
  return anchorsIn(DOCUMENTS.get(file) ?? "").includes(anchor);
}

Deno.test("docs/operations.md names nothing in a state directory that nobody makes", () => {
  const sources = textsBelow("src/");
  const names = toldOfState();
  assert(names.length > 10);
  // SQLite makes those beside its file, and what is damaged is called after it.
  for (const name of names.map((one) => one.replace(/(?<=\.db)[-.].*|\/$/, ""))) {
    const written = new RegExp(`["/]${name}["\`]`);
    assert(sources.some((text) => written.test(text)), name);
  }
});

Deno.test("documents for operators name no option that is not there", () => {
  const systemctl = ["kill-whom"];
  const own = COMMANDS.flatMap((command) => command.flags.map(({ name }) => name));
  const flags: readonly string[] = [...FLAGS, ...own, ...systemctl];
  const pages = ["operations", "tcp", "metrics", "access-log", "notifications", "proxy"];
  for (const page of ["README.md", ...pages.map((name) => `docs/${name}.md`)]) {
    const spans = (DOCUMENTS.get(page) ?? "").matchAll(/(?<![`\w])`--([a-z][a-z0-9-]+)/g);
    const names = [...spans].map(([, name = ""]) => name);
    assert(names.length > 0, page);
    assertEquals(names.filter((name) => !flags.includes(name)), [], page);
  }
});

Deno.test("docs/operations.md has every exit code of commands", () => {
  const text = DOCUMENTS.get("docs/operations.md") ?? "";
  const codes = [...text.matchAll(/^\| (\d+) +\|/gm)].map(([, code]) => Number(code));
  assertEquals(codes, Object.values(EXIT));
});

Deno.test("commands that look and steer find their application, and print JSON, as docs/operations.md says", () => {
  const asks = COMMANDS.filter(({ group, name }) =>
    group === "Look" || group === "Steer" || name === "doctor"
  );
  for (const { name, flags } of asks) {
    const own = flags.map((flag) => flag.name);
    const told = name === "ps" ? ["json"] : ["app", "json", "state-dir"];
    assertEquals(own.filter((flag) => ["app", "json", "state-dir"].includes(flag)).sort(), told);
  }
});

Deno.test("docs/decisions.md says of every dependency what it is for", () => {
  const { imports } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", ROOT)));
  const rows = rowsBelow(DOCUMENTS.get("docs/decisions.md") ?? "", "Dependencies");
  const told = rows.flatMap(([cell = ""]) => [...cell.matchAll(/`(?:@std\/)?([^`]+)`/g)])
    .map(([, name = ""]) => name);
  const names = Object.keys(imports).map((name) => name.replace("@std/", ""));
  // The source of the standard library, as the first row says.
  assertEquals(names.filter((name) => name !== "deno-std/" && !told.includes(name)), []);
});

function textsBelow(directory: string): string[] {
  return [...Deno.readDirSync(new URL(directory, ROOT))].flatMap(({ name, isDirectory }) => {
    const path = directory + name;
    if (isDirectory) return textsBelow(`${path}/`);
    return path.endsWith(".ts") ? [Deno.readTextFileSync(new URL(path, ROOT))] : [];
  });
}

Deno.test("headings are reached by what GitHub makes of them", () => {
  const document =
    "# One `--flag`\n\n```sh\n# no heading\n```\n## What's [this](x.md)?\n## One --flag\n";
  assertEquals(anchorsIn(document), ["one---flag", "whats-this", "one---flag-1"]);
});

Deno.test("links are no code, and lead nowhere else", () => {
  const document = "[a](b.md#c) `[no](x)` [web](https://x) [ref][r] ``[`no`](y)``\n\n[r]: d.md\n";
  assertEquals(linksIn(document), [{ path: "b.md", anchor: "c" }, { path: "d.md", anchor: "" }]);
});

for (const [document, text] of DOCUMENTS) {
  const commands = commandsIn(text).filter(({ args: [verb = ""] }) => !FOREIGN.includes(verb));
  if (commands.length === 0) continue;
  Deno.test(`every command line of ${document} is understood`, async () => {
    const wrong: string[] = [];
    for (const command of commands) {
      const complaints = await complaintsAbout(command);
      if (complaints.length > 0) wrong.push(`${command.text}: ${complaints.join("; ")}`);
    }
    assertEquals(wrong, []);
  });
}

/** Said of what is understood; of files and places that are not here. */
const NO_COMPLAINT = /^Run "liveroll help|: (warning|note): |cannot be read|: "[A-Z]+" /;

/** What is wrong with a command beside an unknown flag, for which nothing of it is done. */
async function complaintsAbout({ args, isNamed }: DocumentCommand): Promise<string[]> {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const io = fakeIo();
  await main([...args.slice(0, end), UNKNOWN, ...args.slice(end)], io);
  const complaints = io.complained.filter((line) =>
    !line.includes(UNKNOWN) && !NO_COMPLAINT.test(line)
  );
  return isNamed ? complaints.filter((line) => /unknown|unexpected/.test(line)) : complaints;
}

Deno.test("command lines are those of blocks, and those that a sentence names", () => {
  const document = "Say `liveroll show\nROLL [--json]`, not `echo liveroll`.\n\n```sh\n" +
    "liveroll run … \\\n  --exec 'a\nb' > out  # --no\nliveroll rollback ID\n```\n";
  assertEquals(commandsIn(document).map(({ args }) => args), [
    ["run", "--pull=p", "--id=i", "--exec=e", "--exec", "a\nb"],
    ["rollback", "17"],
    ["show", "ROLL", "--json"],
  ]);
});
