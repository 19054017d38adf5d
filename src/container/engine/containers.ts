import {
  type ContainerEnd,
  type ContainerInfo,
  type ContainerState,
  imageId,
  readContainer,
  stateOf,
} from "./container_info.ts";
import type { CreateBody } from "./create_body.ts";
import { EngineUnreachableError, isNotFound } from "./engine_error.ts";
import { type ExecOptions, type ExecResult, runExec } from "./exec.ts";
import { type LogLine, type LogOptions, readLogs } from "./logs.ts";
import { listOf, Members } from "./members.ts";
import type { Transport } from "./transport.ts";

/** Beyond the time that a container has to stop, for KILL and cleaning up. */
const STOP_SLACK_MS = 60_000;

/** A container as lists show it. */
export interface ContainerSummary {
  readonly id: string;
  readonly name: string;
  readonly imageId: string;
  /** As it was asked for. */
  readonly image: string;
  readonly state: ContainerState;
  readonly labels: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** What came of creating a container. */
export interface Created {
  readonly id: string;
  /** In the engine's words. */
  readonly warnings: readonly string[];
}

/** When the engine starts a container again by itself. */
export type RestartPolicy = "no" | "always" | "unless-stopped" | "on-failure";

/** The containers of an engine. They are named by id or by name. */
export class Containers {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Creates a container, which does not run yet. The image has to be there.
   *
   * @throws {EngineError} `not_found`: no such image; `conflict`: the name is taken.
   */
  async create(name: string, body: CreateBody, signal: AbortSignal): Promise<Created> {
    const answer = new Members(
      await this.#transport.ask({
        what: `create container ${name}`,
        method: "POST",
        path: "/containers/create",
        query: { name },
        body,
        signal,
      }),
    );
    return { id: answer.text("Id"), warnings: answer.texts("Warnings") };
  }

  /** Starts it; one that runs already goes on. */
  async start(id: string, signal: AbortSignal): Promise<void> {
    await this.#post(id, "start", { what: `start container ${id}`, signal });
  }

  /** @throws {EngineError} `not_found`, among others. */
  async inspect(id: string, signal: AbortSignal): Promise<ContainerInfo> {
    const what = `look at container ${id}`;
    const path = `${pathOf(id)}/json`;
    return readContainer(
      new Members(await this.#transport.ask({ what, method: "GET", path, signal })),
    );
  }

  /** As {@linkcode Containers.inspect}; null: there is no such container. */
  async find(id: string, signal: AbortSignal): Promise<ContainerInfo | null> {
    try {
      return await this.inspect(id, signal);
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  }

  /**
   * Those that carry all of `labels`, running or not, the newest first.
   *
   * @param labels `key=value` or `key`.
   */
  async list(labels: readonly string[], signal: AbortSignal): Promise<readonly ContainerSummary[]> {
    const answer = await this.#transport.ask({
      what: "list containers",
      method: "GET",
      path: "/containers/json",
      query: { all: true, filters: JSON.stringify({ label: labels }) },
      signal,
    });
    return listOf(answer).map(readSummary).toSorted((a, b) => b.createdAt - a.createdAt);
  }

  /**
   * Asks it to end, by the signal that it was created with (`StopSignal`), and kills it when it does
   * not; one that does not run is left as it is. Resolves when it has ended. The engine does not
   * start it again, whatever its restart policy.
   *
   * @param timeoutMs Between the signal and KILL; engines count in seconds, so it is rounded up.
   */
  async stop(id: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
    const t = Math.ceil(timeoutMs / 1000);
    await this.#post(id, "stop", {
      what: `stop container ${id}`,
      query: { t },
      signal,
      timeoutMs: t * 1000 + STOP_SLACK_MS,
    });
  }

  /** Sends it a signal. @throws {EngineError} `conflict`: it does not run. */
  async kill(id: string, signalName: string, signal: AbortSignal): Promise<void> {
    const what = `send ${signalName} to container ${id}`;
    await this.#post(id, "kill", { what, query: { signal: signalName }, signal });
  }

  /**
   * Removes it, after killing it if it runs, with its anonymous volumes. One that is gone already
   * is all right.
   */
  async remove(id: string, signal: AbortSignal): Promise<void> {
    const what = `remove container ${id}`;
    const query = { v: true, force: true };
    try {
      await this.#transport.ask({ what, method: "DELETE", path: pathOf(id), query, signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /**
   * How it ended; waits until it has. Only what was started can end.
   *
   * @throws {EngineError} `not_found`: there is no such container.
   * @throws {EngineUnreachableError} When the engine goes away meanwhile.
   */
  async wait(id: string, signal: AbortSignal): Promise<ContainerEnd> {
    const what = `wait for container ${id}`;
    const answer = new Members(await this.#post(id, "wait", { what, signal, timeoutMs: null }));
    if (!answer.has("StatusCode")) {
      throw new EngineUnreachableError(`Cannot ${what}: the engine gave up`, "broken");
    }
    // Memory is not in the answer; and by now it may be gone, or run again.
    const info = await this.find(id, signal);
    const code = answer.number("StatusCode");
    const error = answer.object("Error").text("Message");
    return info?.end ?? { code, isOutOfMemory: false, error, at: null };
  }

  /** What it prints, line by line. */
  logs(id: string, options: LogOptions, signal: AbortSignal): AsyncGenerator<LogLine> {
    return readLogs(this.#transport, id, options, signal);
  }

  /**
   * Runs a command in it.
   *
   * @throws {EngineError} `conflict`: the container does not run.
   */
  run(id: string, options: ExecOptions, signal: AbortSignal): Promise<ExecResult> {
    return runExec(this.#transport, id, options, signal);
  }

  /** @throws {EngineError} `conflict`: the name is taken. */
  async rename(id: string, name: string, signal: AbortSignal): Promise<void> {
    const what = `rename container ${id} to ${name}`;
    await this.#post(id, "rename", { what, query: { name }, signal });
  }

  /**
   * Changes when the engine starts it again by itself.
   *
   * @returns False: this engine cannot (Podman before 5).
   */
  async setRestartPolicy(id: string, policy: RestartPolicy, signal: AbortSignal): Promise<boolean> {
    const what = `set the restart policy of container ${id}`;
    const body = { RestartPolicy: { Name: policy } };
    try {
      await this.#post(id, "update", { what, body, signal });
      return true;
    } catch (error) {
      // Podman says 404 to the call itself, others to a container that is not there.
      if (isNotFound(error) && await this.find(id, signal) !== null) return false;
      throw error;
    }
  }

  #post(
    id: string,
    verb: string,
    call: {
      what: string;
      query?: Record<string, string | number>;
      body?: unknown;
      signal: AbortSignal;
      timeoutMs?: number | null;
    },
  ): Promise<unknown> {
    return this.#transport.ask({ method: "POST", path: `${pathOf(id)}/${verb}`, ...call });
  }
}

function pathOf(id: string): string {
  return `/containers/${encodeURIComponent(id)}`;
}

function readSummary(one: Members): ContainerSummary {
  return {
    id: one.text("Id"),
    name: (one.texts("Names")[0] ?? "").replace(/^\//, ""),
    imageId: imageId(one.text("ImageID")),
    image: one.text("Image"),
    state: stateOf(one.text("State")),
    labels: one.textsByName("Labels"),
    createdAt: one.number("Created") * 1000,
  };
}
