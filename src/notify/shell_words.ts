import { resolve } from "node:path";

/** A word of a command, as a shell takes it. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : shellQuoted(text);
}

/** Anything as one word of a command. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The option by which commands find an application from anywhere on its host. */
export function findingOption(app: string, stateDir: string): string {
  const path = resolve(stateDir);
  return path === `/var/lib/${app}` ? `--app ${shellWord(app)}` : `--state-dir ${shellWord(path)}`;
}
