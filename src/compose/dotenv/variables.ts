import { readEnvFile, textOf } from "./env_file.ts";
import { tokenise } from "./tokenise.ts";

/**
 * All variables of an environment file with the values that count; none when there is no file.
 *
 * @throws {Error} When it cannot be read.
 */
export async function envVariables(path: string): Promise<Record<string, string>> {
  const pairs = tokenise(textOf(await readEnvFile(path)))
    .map(({ key, value }) => [key, value] as const)
    .filter((pair): pair is readonly [string, string] => pair[1] !== null);
  return Object.fromEntries(pairs);
}
