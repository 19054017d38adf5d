import { Problem, shown } from "./problem.ts";
import type { Route } from "./route.ts";

/** A route and the values of the names in its path. */
export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

interface Entry {
  readonly route: Route;
  readonly segments: readonly string[];
}

/** Finds the route of a request in one table. */
export class Router {
  readonly #entries: readonly Entry[];

  constructor(routes: readonly Route[]) {
    this.#entries = routes.map((route) => ({ route, segments: route.path.split("/") }));
  }

  /**
   * The route for `method` and `path`; `HEAD` is `GET` without its body. Null: no such path.
   *
   * @throws {Problem} When the path exists, but not for this method; when it is no valid URL.
   */
  find(method: string, path: string): Match | null {
    const asked = method === "HEAD" ? "GET" : method;
    const allowed = new Set<string>();
    for (const { route, segments } of this.#entries) {
      const params = matched(segments, path.split("/"));
      if (!params) continue;
      if (route.method === asked) return { route, params: decoded(params) };
      allowed.add(route.method);
    }
    if (allowed.size > 0) throw notAllowed(method, allowed);
    return null;
  }
}

/** The parameters of `url` that `route` knows. @throws {Problem} When there are others. */
export function queryOf(route: Route, url: URL): URLSearchParams {
  const known = route.query ?? [];
  for (const name of url.searchParams.keys()) {
    if (!known.includes(name)) {
      const names = known.length > 0 ? `; it knows ${known.join(", ")}` : "";
      throw wrong(name, `${route.path} knows no parameter ${shown(name)}${names}`);
    }
    if (url.searchParams.getAll(name).length > 1) throw wrong(name, `${shown(name)} came twice`);
  }
  return url.searchParams;
}

function matched(pattern: readonly string[], path: readonly string[]): [string, string][] | null {
  if (pattern.length !== path.length) return null;
  const params: [string, string][] = [];
  for (const [i, expected] of pattern.entries()) {
    const segment = path[i] ?? "";
    if (expected.startsWith("{")) {
      if (segment === "") return null;
      params.push([expected.slice(1, -1), segment]);
    } else if (segment !== expected) return null;
  }
  return params;
}

function decoded(params: readonly [string, string][]): Record<string, string> {
  try {
    return Object.fromEntries(params.map(([name, value]) => [name, decodeURIComponent(value)]));
  } catch {
    throw new Problem("bad_request", "The path is not valid percent-encoded UTF-8");
  }
}

function notAllowed(method: string, methods: ReadonlySet<string>): Problem {
  const allow = [...methods].flatMap((name) => name === "GET" ? ["GET", "HEAD"] : [name]);
  const detail = `${method} is not possible here; ${allow.join(", ")} is`;
  return new Problem("method_not_allowed", detail, { headers: { allow: allow.join(", ") } });
}

function wrong(field: string, detail: string): Problem {
  return new Problem("bad_request", detail, { field });
}
