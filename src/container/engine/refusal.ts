import { withoutQuery } from "../../source/without_query.ts";
import { EngineError, type EngineRefusal } from "./engine_error.ts";

/** No engine says so much that is worth reading. */
const MAX_CHARACTERS = 1_000;

/** What registries say through an engine, which has no better status than 500 or even 200 for it. */
const REGISTRY_WORDS: readonly (readonly [words: RegExp, kind: EngineRefusal])[] = [
  [/unauthorized|authentication required|access.*denied|denied:|no basic auth/i, "unauthorized"],
  [/manifest unknown|not found|no such image|name unknown|repository does not exist/i, "not_found"],
];

/** The no that came with `status` and `body`. */
export function refusalOf(what: string, status: number, body: string): EngineError {
  return new EngineError(what, kindOf(status), readable(reasonIn(body), status), status);
}

/** The no that came in the middle of an answer that began well, as those to pulls do. */
export function lateRefusal(what: string, reason: string): EngineError {
  return new EngineError(what, registryKind(reason) ?? "failed", readable(reason, 200), 200);
}

/** `refusal` again, with the kind that the words of a registry give it. */
export function registryRefusal(what: string, { kind, reason, status }: EngineError): EngineError {
  const said = registryKind(reason);
  return new EngineError(what, said ?? kind, reason, status);
}

function registryKind(reason: string): EngineRefusal | null {
  return REGISTRY_WORDS.find(([words]) => words.test(reason))?.[1] ?? null;
}

function kindOf(status: number): EngineRefusal {
  switch (status) {
    case 400:
      return "invalid";
    case 401:
    case 403:
      return "unauthorized";
    case 404:
      return "not_found";
    case 409:
      return "conflict";
  }
  return "failed";
}

function reasonIn(body: string): string {
  try {
    const { message } = JSON.parse(body);
    return typeof message === "string" ? message : body;
  } catch {
    return body;
  }
}

/** One line, without the secrets that registries put into the queries of their URLs. */
function readable(reason: string, status: number): string {
  const text = reason.slice(0, MAX_CHARACTERS).replace(/\s+/g, " ").trim();
  const safe = text.replace(/https?:\/\/[^\s"'<>]+/g, (url) => withoutQuery(url));
  return safe === "" ? `HTTP status ${status}` : safe;
}
