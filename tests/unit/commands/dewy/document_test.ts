// What docs/dewy.md says is read here, and done.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromDewy } from "../../../../src/commands/dewy/from_dewy.ts";
import { cacheTarget } from "../../../../src/config/cache_kind.ts";
import { notifyTarget } from "../../../../src/config/notify_kind.ts";
import { FLAGS, optionOf } from "../../../../src/config/options.ts";
import { registryTarget } from "../../../../src/source/registry_target.ts";
import { assertShown } from "../../../helpers/document.ts";
import { testExamples } from "../document_example.ts";

const ROOT = new URL("../../../../", import.meta.url).pathname;
const DOCUMENT = Deno.readTextFileSync(`${ROOT}docs/dewy.md`);

/** What `dewy server` takes, without what is for containers only. */
const DEWY_FLAGS = [
  "--registry --cache -c --notifier --interval -i --port -p --log-level -l --log-format -f",
  "--before-deploy-hook --after-deploy-hook --slot -s --calver --telemetry --otlp-endpoint",
  "--otlp-insecure --admin-port --name -n --health-path --health-timeout --drain-time",
  "--proxy-idle-timeout --max-backoff-interval --no-rollback --verify-checksum",
].join(" ").split(" ");

/** The text below a heading, up to the next one. */
function section(heading: string): string {
  const text = DOCUMENT.split(`\n## ${heading}\n`)[1]?.split(/\n## /)[0];
  if (text === undefined) throw new Error(`Cannot find ${heading} in docs/dewy.md`);
  return text;
}

/** The rows of the first table in a section, cell by cell. */
function rows(heading: string): string[][] {
  const lines = section(heading).split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

/** What stands between backticks. */
function code(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, inside = ""]) => inside);
}

const COMMAND_LINE = rows("The command line");

Deno.test("docs/dewy.md has every flag of Dewy, and each becomes what it says", () => {
  const told = COMMAND_LINE.map(([dewy = ""]) => code(dewy)[0]?.split(" ")[0]);
  assertEquals(told.toSorted(), DEWY_FLAGS.toSorted());
  for (const [dewy = "", ours = ""] of COMMAND_LINE) {
    const { args, notes, problems } = fromDewy(
      "server",
      code(dewy)[0]?.split(" ") ?? [],
      "/srv/app",
    );
    assertEquals([args.join(" "), problems], [code(ours)[0] ?? "", []], dewy);
    assertEquals(notes.length, ours === "–" ? 1 : 0, dewy);
  }
});

testExamples("docs/dewy.md", DOCUMENT, "dewy");

Deno.test("docs/dewy.md: URLs that stay as they are, do", () => {
  const spans = code(section("What stays as it is"));
  const urls = spans.filter((text) => text.includes("://")).map((text) =>
    text.replace("=URL", "=https://minio.example.org").replaceAll("PORT", "25")
      .replace(/\/TO$/, "/me@example.org").replace("REGION", "eu-west-1")
      .replace(/HOST|BUCKET|OWNER|REPO|PREFIX|CHANNEL/g, (word) => `${word.toLowerCase()}.org`)
  );
  assertEquals(urls.length, 11);
  for (const url of urls) {
    if (/^(slack|mail|smtp):/.test(url)) notifyTarget.parse(url);
    else if (/^file:|registry-ttl/.test(url)) cacheTarget.parse(url);
    else registryTarget.parse(url);
  }
  for (const parameter of ["pre-release=true", "artifact=NAME", "calver=FORMAT"]) {
    assert(spans.includes(parameter));
    registryTarget.parse(`ghr://o/r?${parameter.replace("FORMAT", "YYYY.MM")}`);
  }
});

Deno.test("docs/dewy.md: variables that stay as they are, are read", async () => {
  const names = code(section("What stays as it is")).filter((text) =>
    /^[A-Z]+_[A-Z_]+$/.test(text)
  );
  const sources = await Promise.all(
    ["source", "notify", "commands/dewy"].map((name) => textBelow(`${ROOT}src/${name}`)),
  );
  const text = sources.join("\n");
  assert(names.length > 20);
  const missing = names.filter((name) => !new RegExp(`\\b${name}\\b`).test(text));
  assertEquals(missing, ["DEWY_CACHEDIR"]);
});

Deno.test("docs/dewy.md: every option that it names is there, with the default that it tells", () => {
  const flags: readonly string[] = FLAGS;
  const ours = [
    ...COMMAND_LINE.flatMap((cells) => cells.slice(1)),
    ...rows("What is different, and why").map(([, here = ""]) => here),
    ...rows("Numbers").map(([, , here = ""]) => here),
    section("What stays as it is"),
  ].join("\n");
  for (const [, flag = ""] of ours.matchAll(/`--([a-z-]+)/g)) assert(flags.includes(flag), flag);
  const told = rows("Numbers").flatMap(([, , here = ""]) => [
    ...here.matchAll(/`--([a-z-]+)`: `([^`]+)`/g),
  ]);
  assert(told.length >= 10);
  for (const [, flag = "", value] of told) {
    assertEquals(optionOf(flag as (typeof FLAGS)[number]).default, value, flag);
  }
});

Deno.test("docs/dewy.md: what is said to be tested is tested", () => {
  const promises = rows("How this is tested");
  assert(promises.length > 40);
  assertShown(promises);
});

Deno.test("docs/registries.md names no option that is not there", async () => {
  const flags: readonly string[] = FLAGS;
  const text = await Deno.readTextFile(`${ROOT}docs/registries.md`);
  const named = code(text.replaceAll(/```.*?```/gs, "")).filter((span) => /^--/.test(span));
  assert(named.length > 10);
  for (const span of named) assert(flags.includes(/^--([a-z-]+)/.exec(span)?.[1] ?? ""), span);
});

/** All that is in the files below a directory. */
async function textBelow(directory: string): Promise<string> {
  let text = "";
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    const path = `${directory}/${name}`;
    text += isDirectory ? await textBelow(path) : await Deno.readTextFile(path);
  }
  assertMatch(text, /\S/);
  return text;
}
