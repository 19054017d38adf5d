// What docs/containers.md and docs/comparison.md say is read here, and done.
import { assert, assertEquals } from "@std/assert";
import { fromDewy } from "../../../src/commands/dewy/from_dewy.ts";
import { main } from "../../../src/commands/mod.ts";
import { FLAGS } from "../../../src/config/options.ts";
import { CONTAINERS } from "../../../src/config/table/containers.ts";
import { assertShown, rowsBelow as rows } from "../../helpers/document.ts";
import { runScript } from "../../helpers/registry_examples.ts";
import { fakeIo } from "./fake_io.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;
const GUIDE = Deno.readTextFileSync(`${ROOT}docs/containers.md`);
const COMPARISON = Deno.readTextFileSync(`${ROOT}docs/comparison.md`);
const DEWY = Deno.readTextFileSync(`${ROOT}docs/dewy.md`);

/** What stands between the first backticks. */
function code(text: string): string {
  return /`([^`]+)`/.exec(text)?.[1] ?? "";
}

const EXAMPLES = GUIDE.matchAll(/```sh\n(liveroll container .*?)```/gs);

for (const [, script = ""] of EXAMPLES) {
  Deno.test(`docs/containers.md: this is understood: ${script.split("\n")[0]}`, async () => {
    const directory = await Deno.makeTempDir({ prefix: "liveroll-containers-" });
    try {
      const { args: [command = "", ...args] } = await runScript(script, directory);
      const io = fakeIo();
      const status = await main([command, "--check", ...args], io);
      assertEquals([status, io.complained.filter((line) => line.includes("error"))], [0, []]);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}

Deno.test("docs/containers.md tells of every option of containers, and of none that is not there", () => {
  const flags: readonly string[] = FLAGS;
  const foreign = ["privileged", "publish", "restart", "detach", "memory", "network", "verbose"];
  foreign.push("mount");
  // Of other commands.
  foreign.push("user", "force", "command", "accept", "dry-run");
  const named = new Set([...GUIDE.matchAll(/--([a-z][a-z-]+)/g)].map(([, flag = ""]) => flag));
  const missing = Object.keys(CONTAINERS).filter((flag) => !named.has(flag));
  assertEquals(missing, []);
  const unknown = [...named].filter((flag) => !flags.includes(flag) && !foreign.includes(flag));
  assertEquals(unknown, []);
});

Deno.test("docs/dewy.md: flags of dewy container become what it says", () => {
  const base = ["--registry", "img://ghcr.io/o/app"];
  const table = rows(DEWY, "Containers");
  assertEquals(table.length, 4);
  for (const [dewy = "", ours = ""] of table) {
    const { args, problems } = fromDewy("container", [...base, ...code(dewy).split(" ")], "/srv");
    const rest = args.filter((arg) => !base.includes(arg) && !arg.startsWith("--image="));
    assertEquals([rest.join(" "), problems], [code(ours), []]);
  }
});

Deno.test("docs/comparison.md: every claim of ours is shown by a test", () => {
  const claims = rows(COMPARISON, "Other ways to the same end");
  const shown = rows(COMPARISON, "How liveroll's cells are shown");
  assert(claims.length > 10);
  assertEquals(claims.map(([what]) => what), shown.map(([what]) => what));
  assertShown(shown);
  assertEquals(new Set(claims.map((cells) => cells.length)), new Set([9]));
});

Deno.test("docs/comparison.md: every cell about somebody else says where that was read", () => {
  const [, , ...names] = COMPARISON.split("\n").find((line) => line.startsWith("| what"))!
    .split("|").slice(1, -1).map((cell) => cell.trim());
  const claims = rows(COMPARISON, "Other ways to the same end");
  const sources = rows(COMPARISON, "Where that was read");
  assertEquals(sources.map(([what]) => what), claims.map(([what]) => what));
  for (const [index, [what, , ...cells]] of claims.entries()) {
    const said = names.filter((_, column) => !["?", "–"].includes(cells[column]!));
    const read = sources[index]![1]!.split("; ").map((source) => source.split(": ", 1)[0]);
    assertEquals(read, said, what);
  }
  for (const [, key] of COMPARISON.matchAll(/\]\[([\w-]+)\]/g)) {
    assert(COMPARISON.includes(`\n[${key}]: https://`), `${key} leads nowhere`);
  }
});
