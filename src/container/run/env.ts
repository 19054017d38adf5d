import { resolve } from "node:path";
import { quote } from "../../values/kinds.ts";
import type { Draft } from "./draft.ts";

/** Takes `NAME=VALUE`, or `NAME` for what is in our own environment, if it is. */
export function addEnv({ env, context }: Draft, text: string): void {
  const [name = "", value] = text.split(/=(.*)/s);
  if (name === "") throw new SyntaxError(`${quote(text)} has no name, give NAME=VALUE`);
  const given = value ?? context.env[name];
  if (given !== undefined) env.set(name, given);
}

/**
 * Takes the lines of a file as {@linkcode addEnv} does, as they are: quotes are part of a value.
 * Errors never quote a line, as it may be secret.
 */
export function addEnvFile({ fileEnv, context }: Draft, path: string): void {
  for (const [index, line] of read(context, path).split("\n").entries()) {
    // A byte order mark is white space, too.
    const text = line.replace(/\r$/, "").trimStart();
    if (text === "" || text.startsWith("#")) continue;
    const [name = "", value] = text.split(/=(.*)/s);
    if (name === "" || /\s/.test(name.trim()) || (value !== undefined && name !== name.trim())) {
      throw new SyntaxError(`line ${index + 1} of ${path} is not NAME=VALUE`);
    }
    const given = value ?? context.env[name.trim()];
    if (given !== undefined) fileEnv.set(name.trim(), given);
  }
}

function read({ cwd, readTextFile }: Draft["context"], path: string): string {
  try {
    return readTextFile(resolve(cwd, path));
  } catch (cause) {
    throw new SyntaxError(`${quote(path)} cannot be read: ${detailOf(cause)}`, { cause });
  }
}

function detailOf(cause: unknown): string {
  if (cause instanceof Deno.errors.NotFound) return "there is no such file";
  return cause instanceof Error ? cause.message : String(cause);
}
