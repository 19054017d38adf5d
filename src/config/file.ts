import { parse } from "@std/yaml/parse";
import { suggestion } from "../values/suggestion.ts";
import { type Contribution, type Given, place, type Problem } from "./given.ts";
import { type Flag, FLAGS, isFlag, optionOf } from "./options.ts";
import { keyLines } from "./yaml_lines.ts";

/** Keys that a file may have. */
const KEYS: readonly Flag[] = FLAGS.filter((flag) => optionOf(flag).only === undefined);

/** A file as two readings: `core` knows types, `plain` keeps every scalar as it was spelled. */
interface Reading {
  core: Record<string, unknown>;
  plain: Record<string, unknown>;
  lines: ReadonlyMap<string, number>;
}

/**
 * Reads options from a YAML file whose keys are flags without dashes in front. Whatever is wrong
 * with it becomes a problem that names file and line.
 *
 * @param readFile Returns the text of a file.
 */
export function readConfigFile(path: string, readFile: (path: string) => string): Contribution {
  try {
    return contribution(path, read(path, readFile));
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return { given: [], problems: [{ flag: null, message: error.message }], meant: [...KEYS] };
  }
}

class FileError extends Error {
  override readonly name = "FileError";
}

function read(path: string, readFile: (path: string) => string): Reading {
  const text = readText(path, readFile);
  const core = parseYaml(path, text, "core");
  if (core === null || core === undefined) {
    throw new FileError(`${path}: the file is empty, write for example "interval: 10s"`);
  }
  if (!isRecord(core)) {
    throw new FileError(`${path}: the file is not a map, write lines such as "interval: 10s"`);
  }
  const plain = parseYaml(path, text, "failsafe");
  return { core, plain: isRecord(plain) ? plain : {}, lines: keyLines(text, Object.keys(core)) };
}

function readText(path: string, readFile: (path: string) => string): string {
  try {
    return readFile(path);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new FileError(`Cannot read config file ${path}: ${error.message}`, { cause: error });
  }
}

function parseYaml(path: string, text: string, schema: "core" | "failsafe"): unknown {
  try {
    return parse(text, { schema });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const [, what = error.message, line] = /^(.*?) at line (\d+), column/s.exec(error.message) ??
      [];
    throw new FileError(`${place(path, line === undefined ? null : Number(line))}: ${what}`, {
      cause: error,
    });
  }
}

function contribution(path: string, reading: Reading): Contribution {
  const given: Given[] = [];
  const problems: Problem[] = [];
  const meant: Flag[] = [];
  for (const [key, value] of Object.entries(reading.core)) {
    const line = reading.lines.get(key) ?? null;
    if (!isFlag(key) || !KEYS.includes(key)) {
      const near = suggestion(key, KEYS);
      problems.push({ flag: null, message: `${place(path, line)}: ${unknownKey(key, near)}` });
      if (near !== null && isFlag(near)) meant.push(near);
      continue;
    }
    const complaint = wrongType(key, value);
    if (complaint === null) {
      const text = spelling(key, reading.plain[key]);
      given.push({ flag: key, text, origin: { from: "file", path, line } });
    } else {
      problems.push({ flag: key, message: `${place(path, line)}: ${key}: ${complaint}` });
      meant.push(key);
    }
  }
  return { given, problems, meant };
}

function unknownKey(key: string, near: string | null): string {
  if (isFlag(key)) return `"${key}" cannot be set in a file, give --${key}`;
  return `unknown key ${JSON.stringify(key)}${near === null ? "" : ` (did you mean "${near}"?)`}`;
}

function wrongType(flag: Flag, value: unknown): string | null {
  if (value === null) return "there is no value, give one or remove the line";
  if (isRecord(value)) return "the value is a map, give one value";
  if (!Array.isArray(value)) return null;
  const { isList, isRepeated } = optionOf(flag).kind;
  if (!isList && !isRepeated) return "the value is a list, give one value";
  const flat = value.every((item) => typeof item === "string" || typeof item === "number");
  return flat ? null : "the list has an item that is neither text nor number";
}

function spelling(flag: Flag, plain: unknown): string {
  const between = optionOf(flag).kind.isRepeated ? "\n" : ",";
  return Array.isArray(plain) ? plain.join(between) : String(plain);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
