import { commonVersion, type EngineVersion, readVersion } from "./api_version.ts";
import { Containers } from "./containers.ts";
import { type EngineEvent, type EventFilter, readEvents } from "./events.ts";
import { Images } from "./images.ts";
import { Members } from "./members.ts";
import { Surroundings } from "./surroundings.ts";
import { Transport } from "./transport.ts";

/** An engine that hangs is not worth waiting for before anything has begun. */
const HELLO_MS = 10_000;

/** What an engine says of its host. */
export interface EngineInfo {
  /** The same for as long as the engine is installed. */
  readonly id: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  /** Where images and volumes are kept. */
  readonly rootDir: string;
  /** Containers go on while the engine restarts. */
  readonly isLiveRestore: boolean;
}

/**
 * A Docker Engine, or a Podman that speaks its language, on this host.
 *
 * Every call takes a signal and has a limit, save those that last: `wait`, `logs`, `run` and
 * `events` end with the signal, with what they look at, or with the engine; of an engine that goes
 * away an {@linkcode EngineUnreachableError} tells.
 *
 * @example Usage
 * ```ts no-assert ignore
 * using engine = await Engine.connect("/var/run/docker.sock", signal);
 * const { id } = await engine.containers.create("app-1", { Image: "app@sha256:…" }, signal);
 * await engine.containers.start(id, signal);
 * ```
 */
export class Engine implements Disposable {
  /** What it said of itself when we met; null: we did not. */
  readonly version: EngineVersion | null;
  readonly containers: Containers;
  readonly images: Images;
  /** Networks and volumes. */
  readonly surroundings: Surroundings;
  readonly #transport: Transport;

  private constructor(transport: Transport, version: EngineVersion | null) {
    this.#transport = transport;
    this.version = version;
    this.containers = new Containers(transport);
    this.images = new Images(transport);
    this.surroundings = new Surroundings(transport);
  }

  /**
   * Meets the engine and agrees on a version of the API.
   *
   * @param socket Path of its socket, as from {@linkcode enginePlace}.
   * @throws {EngineUnreachableError} When it is not there, or too old.
   */
  static async connect(socket: string, signal: AbortSignal): Promise<Engine> {
    const transport = new Transport(socket);
    try {
      const version = await askVersion(transport, signal);
      transport.useVersion(commonVersion(version));
      return new Engine(transport, version);
    } catch (error) {
      transport[Symbol.dispose]();
      throw error;
    }
  }

  /** One that does not answer yet: {@linkcode Engine.ping} comes before everything else. */
  static unmet(socket: string): Engine {
    return new Engine(new Transport(socket), null);
  }

  /** Path of its socket. */
  get socket(): string {
    return this.#transport.socket;
  }

  /**
   * Looks whether it is there, and whether it has become another one: after an upgrade it may speak
   * another version of the API, which holds from now on. {@linkcode Engine.version} stays.
   *
   * @throws {EngineUnreachableError} When it is not.
   */
  async ping(signal: AbortSignal): Promise<EngineVersion> {
    const version = await askVersion(this.#transport, signal);
    this.#transport.useVersion(commonVersion(version));
    return version;
  }

  async info(signal: AbortSignal): Promise<EngineInfo> {
    const what = "ask the engine about its host";
    const answer = await this.#transport.ask({ what, method: "GET", path: "/info", signal });
    const info = new Members(answer);
    return {
      id: info.text("ID"),
      cpus: info.number("NCPU"),
      memoryBytes: info.number("MemTotal"),
      rootDir: info.text("DockerRootDir"),
      isLiveRestore: info.boolean("LiveRestoreEnabled"),
    };
  }

  /**
   * What happens, as it happens. Ends by throwing only.
   *
   * @throws {EngineUnreachableError} When the engine goes away, also in good order.
   * @throws The reason of `signal`, when it aborts.
   */
  events(filter: EventFilter, signal: AbortSignal): AsyncGenerator<EngineEvent> {
    return readEvents(this.#transport, filter, signal);
  }

  [Symbol.dispose](): void {
    this.#transport[Symbol.dispose]();
  }
}

async function askVersion(transport: Transport, signal: AbortSignal): Promise<EngineVersion> {
  const answer = await transport.ask({
    what: "ask the engine for its version",
    method: "GET",
    // Without a version in front, every engine understands it.
    path: "/version",
    signal,
    timeoutMs: HELLO_MS,
  });
  return readVersion(new Members(answer));
}
