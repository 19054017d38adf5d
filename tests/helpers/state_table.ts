import { assertEquals } from "@std/assert";
import { fileText, rowsBelow } from "./document.ts";

/** What docs/operations.md says is in a state directory; `TIME` stands for anything. */
export function toldOfState(): string[] {
  const rows = rowsBelow(fileText("docs/operations.md"), "The state directory");
  return rows.flatMap(([names = ""]) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name)
  );
}

/**
 * Fails unless docs/operations.md tells of everything that is in a state directory.
 *
 * @param expected What has to be there now, with a `/` behind directories.
 */
export function assertTold(stateDir: string, ...expected: string[]): void {
  const told = toldOfState().map((name) => new RegExp(`^${name.replace("TIME", ".+")}$`));
  const names = [...Deno.readDirSync(stateDir)]
    .map(({ name, isDirectory }) => isDirectory ? `${name}/` : name);
  assertEquals(names.filter((name) => !told.some((one) => one.test(name))), []);
  assertEquals(expected.filter((name) => !names.includes(name)), []);
}
