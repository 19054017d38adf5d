import type { CreateBody, Endpoint, Healthcheck, HostConfig } from "../engine/create_body.ts";

/** Where options find what they refer to. */
export interface RunContext {
  /** Our own environment, for `--env NAME`. */
  readonly env: Readonly<Record<string, string>>;
  /** Where relative paths begin. */
  readonly cwd: string;
  /** @throws When it cannot be read. */
  readonly readTextFile: (path: string) => string;
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

/** A container in the making; options add to it one by one. */
export class Draft {
  readonly context: RunContext;
  name: string | null = null;
  command: readonly string[] = [];
  /** Of files, which those of `env` win over. */
  readonly fileEnv = new Map<string, string>();
  readonly env = new Map<string, string>();
  readonly labels: Record<string, string> = {};
  readonly exposed: Record<string, Record<string, never>> = {};
  readonly anonymous: Record<string, Record<string, never>> = {};
  readonly health: Mutable<Healthcheck> = {};
  /** What the image has in this respect does not count. */
  hasNoHealthcheck = false;
  network: string | null = null;
  readonly aliases: string[] = [];
  readonly addresses: { IPv4Address?: string; IPv6Address?: string } = {};
  readonly logOptions: Record<string, string> = {};
  logDriver: string | null = null;
  readonly host: Record<string, unknown> = {};
  readonly parts: Mutable<
    Pick<
      CreateBody,
      | "Entrypoint"
      | "Hostname"
      | "Domainname"
      | "User"
      | "WorkingDir"
      | "StopSignal"
      | "StopTimeout"
    >
  > = {};

  constructor(context: RunContext) {
    this.context = context;
  }

  /** Adds to a list of the host's part. */
  add(member: string, value: unknown): void {
    const list = this.host[member];
    this.host[member] = Array.isArray(list) ? [...list, value] : [value];
  }

  /** Adds to an object of the host's part. */
  put(member: string, key: string, value: string): void {
    this.host[member] = {
      ...this.host[member] as Record<string, string> | undefined,
      [key]: value,
    };
  }

  /** What an engine is asked to create, without the image. */
  body(): Omit<CreateBody, "Image"> {
    const env = [...new Map([...this.fileEnv, ...this.env])].map(([name, value]) =>
      `${name}=${value}`
    );
    const health = this.hasNoHealthcheck ? { Test: ["NONE"] } : this.health;
    const endpoint = this.#endpoint();
    return {
      ...this.parts,
      ...(this.command.length > 0 && { Cmd: this.command }),
      ...(env.length > 0 && { Env: env }),
      ...(isFilled(this.labels) && { Labels: this.labels }),
      ...(isFilled(this.exposed) && { ExposedPorts: this.exposed }),
      ...(isFilled(this.anonymous) && { Volumes: this.anonymous }),
      ...(isFilled(health) && { Healthcheck: health }),
      ...(endpoint !== null && { NetworkingConfig: { EndpointsConfig: endpoint } }),
      HostConfig: this.#hostConfig(),
    };
  }

  #endpoint(): Record<string, Endpoint> | null {
    if (this.network === null) return null;
    if (this.aliases.length === 0 && !isFilled(this.addresses)) return null;
    return {
      [this.network]: {
        ...(this.aliases.length > 0 && { Aliases: this.aliases }),
        ...(isFilled(this.addresses) && { IPAMConfig: this.addresses }),
      },
    };
  }

  #hostConfig(): HostConfig {
    const log = {
      ...(this.logDriver !== null && { Type: this.logDriver }),
      ...(isFilled(this.logOptions) && { Config: this.logOptions }),
    };
    return {
      ...this.host,
      ...(this.network !== null && { NetworkMode: this.network }),
      ...(isFilled(log) && { LogConfig: log }),
    };
  }
}

function isFilled(object: object): boolean {
  return Object.keys(object).length > 0;
}
