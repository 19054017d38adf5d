const APPS = new URL("../apps/direct/", import.meta.url).pathname;

/** What accepts from a socket that it is given, by language. */
export const DIRECT_COMMANDS = {
  python: `python3 '${APPS}app.py'`,
  node: `exec node '${APPS}app.mjs'`,
  deno: `exec '${Deno.execPath()}' run -A --no-config --no-lock '${APPS}app.mjs'`,
} as const;

/** Builds the one in Go in `dir`. @returns The command that runs it. */
export async function buildGoApp(dir: string): Promise<string> {
  const { success, stderr } = await new Deno.Command("go", {
    args: ["build", "-o", `${dir}/app`, `${APPS}app.go`],
    env: { GO111MODULE: "off" },
  }).output();
  if (!success) throw new Error(`Cannot build app.go: ${new TextDecoder().decode(stderr)}`);
  return `exec '${dir}/app'`;
}
