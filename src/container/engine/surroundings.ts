import { Members } from "./members.ts";
import type { Transport } from "./transport.ts";

/** What containers are connected by. */
export interface Network {
  readonly id: string;
  readonly name: string;
  /** For example `bridge`. */
  readonly driver: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Names of the containers in it that run, by their ids. */
  readonly containers: Readonly<Record<string, string>>;
}

/** Where containers keep what outlives them. */
export interface Volume {
  readonly name: string;
  readonly driver: string;
  /** Where it is on the host, if it is. */
  readonly path: string;
  /** What the driver was told: with any, `path` may be empty while no container uses it. */
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/** What an engine has besides containers and images. */
export class Surroundings {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** @throws {EngineError} `not_found`, among others. */
  async network(name: string, signal: AbortSignal): Promise<Network> {
    const answer = await this.#look(
      "network",
      `/networks/${encodeURIComponent(name)}`,
      name,
      signal,
    );
    return {
      id: answer.text("Id"),
      name: answer.text("Name"),
      driver: answer.text("Driver"),
      labels: answer.textsByName("Labels"),
      containers: containersIn(answer),
    };
  }

  /** @throws {EngineError} `not_found`, among others. */
  async volume(name: string, signal: AbortSignal): Promise<Volume> {
    const answer = await this.#look("volume", `/volumes/${encodeURIComponent(name)}`, name, signal);
    return {
      name: answer.text("Name"),
      driver: answer.text("Driver"),
      path: answer.text("Mountpoint"),
      options: answer.textsByName("Options"),
      labels: answer.textsByName("Labels"),
    };
  }

  /** Makes a volume on this host, unless there is one of that name. */
  async createVolume(
    name: string,
    labels: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<void> {
    const what = `create volume ${name}`;
    const body = { Name: name, Driver: "local", Labels: labels };
    await this.#transport.ask({ what, method: "POST", path: "/volumes/create", body, signal });
  }

  async #look(kind: string, path: string, name: string, signal: AbortSignal): Promise<Members> {
    const what = `look at ${kind} ${name}`;
    return new Members(await this.#transport.ask({ what, method: "GET", path, signal }));
  }
}

function containersIn(network: Members): Record<string, string> {
  const inside = network.object("Containers");
  return Object.fromEntries(inside.names().map((id) => [id, inside.object(id).text("Name")]));
}
