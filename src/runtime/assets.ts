import { serveDir } from "@std/http/file-server";
import type { CommandEnd, Inside } from "../health/inside.ts";
import { portObstacle } from "../platform/ports.ts";
import type { Exit, Instance, Runtime, StopOutcome } from "../roll/effects.ts";

/** How files are served. */
export interface AssetsRuntimeOptions {
  /** Address that instances listen on. */
  readonly childHost: string;
  /** Where a version lies. */
  releaseDir(id: string): string | null;
}

/**
 * Versions that are files and nothing that runs: an instance is a small server of our own for one
 * version, so that every request sees one version and never a half-switched one.
 */
export class AssetsRuntime implements Runtime, Inside {
  readonly outlives = false;
  readonly #options: AssetsRuntimeOptions;

  constructor(options: AssetsRuntimeOptions) {
    this.#options = options;
  }

  /** @throws {Error} When its files are not there, or its port cannot be listened on. */
  start(
    { key, id, port }: { key: string; id: string; port: number },
  ): Promise<Instance> {
    const directory = this.#options.releaseDir(id);
    if (directory === null) {
      return Promise.reject(new Error(`the files of ${id} are not here`));
    }
    const host = this.#options.childHost;
    const server = Deno.serve(
      { hostname: host, port, onListen() {} },
      (request) => serveDir(request, { fsRoot: directory, quiet: true }),
    );
    return Promise.resolve(new AssetsInstance({ key, id, host, port }, server));
  }

  /** Nothing of a former life serves files. */
  find(): Promise<null> {
    return Promise.resolve(null);
  }

  async portHolder(port: number): Promise<string | null> {
    return (await portObstacle(this.#options.childHost, port))?.detail ?? null;
  }

  run(): Promise<CommandEnd> {
    return Promise.reject(new Error("files run no commands"));
  }

  notices(): null {
    return null;
  }
}

/** One version's server. */
class AssetsInstance implements Instance {
  readonly key: string;
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly birth = null;
  readonly pid = Deno.pid;
  readonly exited: Promise<Exit>;
  readonly #server: Deno.HttpServer;
  #exit: Exit | null = null;

  constructor(
    { key, id, host, port }: {
      key: string;
      id: string;
      host: string;
      port: number;
    },
    server: Deno.HttpServer,
  ) {
    this.key = key;
    this.id = id;
    this.host = host;
    this.port = port;
    this.#server = server;
    this.exited = server.finished.then(() => this.#exit = { code: 0, signal: null });
  }

  get exit(): Exit | null {
    return this.#exit;
  }

  impostor(): Promise<null> {
    return Promise.resolve(null);
  }

  lastLines(): readonly string[] {
    return [];
  }

  async stop(): Promise<StopOutcome> {
    if (this.#exit !== null) return "already_gone";
    // The proxy has drained it: whoever is still connected is an idle connection of ours.
    await this.#server.shutdown();
    return "stopped";
  }

  kill(): void {
    void this.stop();
  }
}
