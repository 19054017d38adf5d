import { assert, assertEquals } from "@std/assert";
import { PAGE_FILES } from "../../../../src/control/page/mod.ts";

const ROOT = new URL("../../../../", import.meta.url).pathname;
const PAGE = `${ROOT}src/control/page`;

/** What a file of the page refers to, as paths of the server. */
function references(path: string, body: string): string[] {
  const pattern = path === "/"
    ? /(?:src|href)="([^"#:]+)"/g
    : /^(?:import|\}) .*from "([^"]+)";$/gm;
  const base = `http://localhost${path}`;
  return [...body.matchAll(pattern)].map(([, target]) => new URL(target ?? "", base).pathname);
}

Deno.test("every file that the page refers to is served, and no other one", () => {
  const referred = [...PAGE_FILES].flatMap(([path, { body }]) => references(path, String(body)));
  assertEquals([...new Set(["/", ...referred])].sort(), [...PAGE_FILES.keys()].sort());
});

Deno.test("every script of the page is embedded as it is", async () => {
  for await (const { name } of Deno.readDir(PAGE)) {
    if (!name.endsWith(".js")) continue;
    assertEquals(PAGE_FILES.get(`/page/${name}`)?.body, await Deno.readTextFile(`${PAGE}/${name}`));
  }
});

Deno.test("nothing in the page is inline, comes from elsewhere, or makes markup of data", () => {
  for (const [path, { body }] of PAGE_FILES) {
    const forbidden = /innerHTML|outerHTML|insertAdjacentHTML|\bon[a-z]+="|style="|<style|eval\(/;
    assert(!forbidden.test(String(body)), `${path}: ${forbidden.exec(String(body))}`);
    const addresses = String(body).match(/https?:\/\/[^"'\s]+/g) ?? [];
    assertEquals(addresses.filter((url) => url !== "http://www.w3.org/2000/svg"), [], path);
  }
});

Deno.test("the scripts of the page agree with the types of the control API", async () => {
  const directory = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${directory}/page.json`, JSON.stringify(await browserConfig()));
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--no-lock", "--config", `${directory}/page.json`, `${PAGE}/main.js`],
      env: { NO_COLOR: "1" },
    }).output();
    assertEquals([code, code === 0 ? "" : new TextDecoder().decode(stderr)], [0, ""]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

/** As for the rest of the project, but with the types of a browser, and for plain scripts. */
async function browserConfig(): Promise<Record<string, unknown>> {
  const { unstable, imports, links, compilerOptions } = JSON.parse(
    await Deno.readTextFile(`${ROOT}deno.json`),
  );
  const lib = ["dom", "dom.iterable", "dom.asynciterable", "esnext", "deno.ns", "deno.unstable"];
  return {
    unstable,
    imports,
    links: links?.map((link: string) => `${ROOT}${link}`),
    compilerOptions: { ...compilerOptions, checkJs: true, lib },
  };
}
