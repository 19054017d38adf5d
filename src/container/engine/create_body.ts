/** What a container is made of, in the words of the Engine API. */
export interface CreateBody {
  /** Best with a digest, or an id: a tag may be something else by now. */
  readonly Image: string;
  readonly Cmd?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Env?: readonly string[];
  readonly Labels?: Readonly<Record<string, string>>;
  /** `{ "8080/tcp": {} }` */
  readonly ExposedPorts?: Readonly<Record<string, Readonly<Record<string, never>>>>;
  readonly HostConfig?: HostConfig;
  readonly Hostname?: string;
  readonly Domainname?: string;
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly StopSignal?: string;
  /** Seconds. */
  readonly StopTimeout?: number;
  readonly Volumes?: Readonly<Record<string, Readonly<Record<string, never>>>>;
  readonly Healthcheck?: Healthcheck;
  readonly NetworkingConfig?: {
    readonly EndpointsConfig: Readonly<Record<string, Endpoint>>;
  };
}

/** How the engine looks whether a container is healthy. Times in nanoseconds; 0: as the image has it. */
export interface Healthcheck {
  readonly Test?: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly Retries?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
}

/** A container's place in a network. */
export interface Endpoint {
  readonly Aliases?: readonly string[];
  readonly IPAMConfig?: { readonly IPv4Address?: string; readonly IPv6Address?: string };
}

/** What a container gets of its host. */
export interface HostConfig {
  readonly Binds?: readonly string[];
  readonly Mounts?: readonly MountSpec[];
  readonly Tmpfs?: Readonly<Record<string, string>>;
  readonly PortBindings?: Readonly<Record<string, readonly PortBinding[]>>;
  readonly RestartPolicy?: { readonly Name: string; readonly MaximumRetryCount?: number };
  readonly NetworkMode?: string;
  readonly LogConfig?: {
    readonly Type?: string;
    readonly Config?: Readonly<Record<string, string>>;
  };
  readonly [member: string]: unknown;
}

/** A port of the host that leads into a container; an empty `HostPort`: any that is free. */
export interface PortBinding {
  readonly HostIp?: string;
  readonly HostPort: string;
}

/** What is mounted in a container. */
export interface MountSpec {
  readonly Type: "bind" | "volume" | "tmpfs";
  readonly Source?: string;
  readonly Target: string;
  readonly ReadOnly?: boolean;
  readonly BindOptions?: Readonly<Record<string, unknown>>;
  readonly VolumeOptions?: Readonly<Record<string, unknown>>;
  readonly TmpfsOptions?: Readonly<Record<string, unknown>>;
}
