import { type Kind, parseInteger, quote } from "../values/kinds.ts";
import type { PortMapping } from "./config.ts";
import { items } from "./network_kinds.ts";

const FIRST = 1;
const LAST = 65_535;

/**
 * Public ports and what each leads to, for example `5432`, `8080,9000:+10` or `5432:15432`: the
 * child's port, the child's port plus a number, or a fixed port.
 */
export const portMappings: Kind<readonly [PortMapping, ...PortMapping[]]> = {
  placeholder: "PORT",
  isList: true,
  parse(text) {
    const [first = text, ...others] = text.includes(",") ? items(text) : [text];
    return [parseMapping(first), ...others.map(parseMapping)];
  },
};

/** Spells a mapping as {@linkcode portMappings} reads it. */
export function formatMapping({ listen, backend }: PortMapping): string {
  if ("port" in backend) return `${listen}:${backend.port}`;
  return backend.offset === 0 ? String(listen) : `${listen}:+${backend.offset}`;
}

function parseMapping(text: string): PortMapping {
  const [listen = "", child, ...rest] = text.split(":");
  if (rest.length > 0) {
    throw new SyntaxError(`${quote(text)} is not a port, give for example 8080 or 5432:+10`);
  }
  return {
    listen: parseInteger(listen, FIRST, LAST),
    backend: child === undefined ? { offset: 0 } : parseChild(child),
  };
}

function parseChild(text: string): PortMapping["backend"] {
  if (!text.startsWith("+")) return { port: parseInteger(text, FIRST, LAST) };
  return { offset: parseInteger(text.slice(1), 0, LAST) };
}
