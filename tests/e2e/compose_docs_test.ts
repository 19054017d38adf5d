import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { main } from "../../src/commands/mod.ts";
import { splitWords } from "../../src/config/words_kind.ts";
import { installedComposes } from "../helpers/composes.ts";
import { needs } from "../helpers/skip.ts";
import { fakeIo } from "../unit/commands/fake_io.ts";

const PAGE = await Deno.readTextFile(new URL("../../docs/compose.md", import.meta.url));
const EXAMPLES = PAGE.match(/^ {4}liveroll compose .*/gm) ?? [];

for (const compose of await installedComposes()) {
  Deno.test({
    name: `every command line of docs/compose.md is one that could be run: ${compose.name}`,
    ...needs(compose.isThere),
    fn: async () => {
      const directory = await Deno.makeTempDir({ prefix: "liveroll-docs-" });
      try {
        await layOut(directory);
        assert(EXAMPLES.length >= 6);
        for (const example of EXAMPLES) {
          const io = fakeIo({ ...Deno.env.toObject(), ...compose.env });
          const args = splitWords(example).slice(1).map((word) => inDirectory(word, directory));
          assertEquals(await main([...args, "--check"], io), 0, io.complained.join("\n"));
          assertStringIncludes(io.printed.join("\n"), ` ${compose.name}\n`);
          assertMatch(io.printed.join("\n"), /^project +blog, by /m);
          const strategy = example.includes("blue-green") ? "blue-green" : "recreate";
          assertMatch(io.printed.join("\n"), new RegExp(`^strategy +${strategy}: `, "m"));
        }
      } finally {
        await Deno.remove(directory, { recursive: true });
      }
    },
  });
}

async function layOut(directory: string): Promise<void> {
  const [, yaml = ""] = /```yaml\n([^]*?)```/.exec(PAGE) ?? [];
  await Deno.mkdir(`${directory}/blog`);
  await Deno.writeTextFile(`${directory}/blog/compose.yaml`, yaml);
  const byVariable = yaml.replaceAll("blog:2", "blog:${VERSION}");
  await Deno.writeTextFile(`${directory}/blog/by-variable.yaml`, byVariable);
  await Deno.writeTextFile(`${directory}/blog/prod.env`, "VERSION=2\n");
}

function inDirectory(word: string, directory: string): string {
  return /^[\w-]+\.(yaml|env)$/.test(word) ? `${directory}/blog/${word}` : word;
}
