/** A script that stands for cosign, which Debian does not have; it notes how it was called. */
export interface CosignStandIn {
  readonly path: string;
  /** The words of its last call. */
  called(): string[];
}

/**
 * Writes the stand-in to `directory`, under the name `cosign`.
 *
 * @param script What it does with its words, in the language of the shell; its exit code counts.
 */
export function cosignStandIn(directory: string, script: string): CosignStandIn {
  const path = `${directory}/cosign`;
  const note = `for arg; do echo "$arg"; done > '${directory}/called'`;
  Deno.writeTextFileSync(path, `#!/bin/sh\n${note}\n${script}\n`, { mode: 0o755 });
  return {
    path,
    called: () => Deno.readTextFileSync(`${directory}/called`).trim().split("\n"),
  };
}
