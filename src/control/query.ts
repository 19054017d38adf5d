import { Problem, shown } from "./problem.ts";
import type { Call } from "./route.ts";

/** The number of things that are wanted. @throws {Problem} */
export function limitOf({ query }: Call, options: { default: number; max: number }): number {
  const text = query.get("limit");
  if (text === null) return options.default;
  const limit = positive(text);
  if (limit !== null && limit <= options.max) return limit;
  const expected = `a whole number from 1 to ${options.max}`;
  throw new Problem("bad_request", `limit is ${shown(text)}, not ${expected}`, { field: "limit" });
}

/** A parameter that is `true` or `false`, or missing. @throws {Problem} */
export function flagOf({ query }: Call, name: string): boolean {
  const text = query.get(name);
  if (text === "true") return true;
  if (text === null || text === "false") return false;
  throw new Problem("bad_request", `${name} is ${shown(text)}, not true or false`, { field: name });
}

/** The `{id}` of the path, where ids are numbers. @throws {Problem} */
export function numberOf({ params }: Call): number {
  const text = params.id ?? "";
  const id = positive(text);
  if (id !== null) return id;
  throw new Problem("bad_request", `id is ${shown(text)}, not a number`, { field: "id" });
}

function positive(text: string): number | null {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}
