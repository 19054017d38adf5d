import { assertEquals } from "@std/assert";
import { linux, needs, program, root } from "../helpers/skip.ts";

/** Starts a child with a process group of its own, and one without, and prints the groups of both. */
const PARENT = `
const groups = async (detached) => {
  const args = ["-c", "sed -n 's/^Groups:[[:space:]]*//p' /proc/$$/status"];
  const child = new Deno.Command("sh", { args, detached, stdout: "piped" }).spawn();
  return new TextDecoder().decode((await child.output()).stdout).trim();
};
console.log(JSON.stringify({ own: await groups(true), shared: await groups(false) }));
`;

/** What the children of a parent have, which `setpriv` starts. */
async function groupsOfChildren(setpriv: readonly string[]) {
  const dir = Deno.makeTempDirSync();
  try {
    // Its own place may be for root only.
    Deno.chmodSync(dir, 0o755);
    Deno.copyFileSync(Deno.execPath(), `${dir}/deno`);
    Deno.chmodSync(`${dir}/deno`, 0o755);
    const { stdout, stderr } = await new Deno.Command("setpriv", {
      args: [...setpriv, `${dir}/deno`, "eval", "--no-config", PARENT],
      cwd: "/",
    }).output();
    const text = new TextDecoder().decode(stdout);
    if (text === "") throw new Error(new TextDecoder().decode(stderr));
    return JSON.parse(text);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
}

Deno.test({
  name: "a child of root that gets a process group of its own loses the supplementary groups",
  ...needs(linux(), program("setpriv"), root()),
  async fn() {
    const children = await groupsOfChildren(["--groups", "0,4242,4243"]);
    assertEquals(
      children,
      { own: "", shared: "0 4242 4243" },
      "they are kept now: docs/self-upgrade.md need not warn, nor self_upgrade.ts care",
    );
  },
});

Deno.test({
  name: "a child of anybody else keeps them",
  ...needs(linux(), program("setpriv"), root()),
  async fn() {
    const anybody = ["--reuid", "1000", "--regid", "1000", "--groups", "1000,4242"];
    assertEquals(await groupsOfChildren(anybody), { own: "1000 4242", shared: "1000 4242" });
  },
});
