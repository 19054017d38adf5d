import { assertEquals } from "@std/assert";

interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly isDynamic?: boolean;
    readonly code?: { readonly specifier: string };
  }[];
}

const OPEN_STORE = import.meta.resolve("../../../src/cache/open_store.ts");

/** Everything that is loaded together with `root`. */
async function loadedWith(root: string): Promise<Set<string>> {
  const command = new Deno.Command(Deno.execPath(), { args: ["info", "--json", root] });
  const { stdout } = await command.output();
  const { modules }: { modules: Module[] } = JSON.parse(new TextDecoder().decode(stdout));
  const bySpecifier = new Map(modules.map((module) => [module.specifier, module]));
  const loaded = new Set([root]);
  for (const specifier of loaded) {
    for (const { isDynamic, code } of bySpecifier.get(specifier)?.dependencies ?? []) {
      if (isDynamic !== true && code !== undefined) loaded.add(code.specifier);
    }
  }
  return loaded;
}

Deno.test("no code of a kind of cache is loaded before it is the one", async () => {
  const names = [...await loadedWith(OPEN_STORE)].map((specifier) => specifier.split("/").at(-1));
  assertEquals(names.includes("bounded_store.ts"), true);
  assertEquals(names.filter((name) => /^(memory|file|redis|consul|bucket)_/.test(name!)), []);
  assertEquals(names.filter((name) => /redis|aws|s3|gcs|jwt/.test(name!)), []);
});
