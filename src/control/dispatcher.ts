import { abortable } from "@std/async/abortable";
import type { Door } from "./doors.ts";
import { pageFile, type PageFiles } from "./page_files.ts";
import { Problem, shown } from "./problem.ts";
import type { Services } from "./route.ts";
import { queryOf, Router } from "./router.ts";
import { ROUTES } from "./routes/mod.ts";

/** What a {@linkcode Dispatcher} needs. */
export interface DispatcherOptions {
  readonly services: Services;
  readonly page: PageFiles | null;
  /** Told of what nobody expected; must not throw. */
  onError(error: unknown): void;
}

/** From a request to its answer. */
export class Dispatcher {
  readonly #router = new Router(ROUTES);
  readonly #options: DispatcherOptions;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** The answer to a request that came through `door`. Never rejects. */
  async answer(request: Request, door: Door): Promise<Response> {
    const { cut } = this.#options.services;
    const answer = this.#answer(request, door);
    const response = await abortable(answer, cut).catch((error) => this.#refusal(error).response());
    response.headers.set("cache-control", "no-store");
    response.headers.set("x-content-type-options", "nosniff");
    return request.method === "HEAD" ? await withoutBody(response) : response;
  }

  async #answer(request: Request, door: Door): Promise<Response> {
    const { page, services } = this.#options;
    const url = URL.parse(request.url);
    if (!url) throw new Problem("bad_request", "Host and path are no URL together");
    const file = page?.get(url.pathname);
    if (file) return pageFile(file, request.method);
    const match = this.#router.find(request.method, url.pathname);
    // The path may hold a secret.
    if (!match) throw new Problem("not_found", "There is nothing at this address");
    const { route, params } = match;
    try {
      if ((route.access ?? "operator") === "operator") door.admit(request);
      const call = { ...services, request, params, query: queryOf(route, url) };
      return await route.handle(call);
    } catch (error) {
      if (route.refuse === undefined) throw error;
      return route.refuse(this.#refusal(error));
    }
  }

  #refusal(error: unknown): Problem {
    if (error instanceof Problem) return error;
    if (this.#options.services.cut.aborted) {
      return new Problem("unavailable", "liveroll has stopped");
    }
    this.#options.onError(error);
    const why = error instanceof Error ? error.message : shown(error);
    return new Problem("internal", `Cannot answer: ${why}`);
  }
}

/** A stream that is not read has to end, or its listeners would stay. */
async function withoutBody(response: Response): Promise<Response> {
  await response.body?.cancel();
  return new Response(null, { status: response.status, headers: response.headers });
}
