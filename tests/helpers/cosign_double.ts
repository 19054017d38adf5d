const MAIN = new URL("./cosign_double_main.ts", import.meta.url).pathname;

/** Writes a program to `directory` that is a double of cosign. @returns Its path. */
export function cosignDouble(directory: string): string {
  const path = `${directory}/cosign`;
  const words = `'${Deno.execPath()}' run --quiet --no-config --no-check -A '${MAIN}'`;
  Deno.writeTextFileSync(path, `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
  return path;
}
