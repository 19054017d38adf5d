import { dateOf, type Members } from "./members.ts";

/** States of a container, in the words of engines. */
export const CONTAINER_STATES = [
  "created",
  "running",
  "paused",
  "restarting",
  "removing",
  "exited",
  "dead",
] as const;

/** State of a container; Podman's further words are translated. */
export type ContainerState = typeof CONTAINER_STATES[number];

/** What the image's or our health check says; `none`: there is no check. */
export type ContainerHealth = "none" | "starting" | "healthy" | "unhealthy";

/** A port of a container as the host sees it. */
export interface PublishedPort {
  /** For example `8080/tcp`. */
  readonly container: string;
  readonly hostIp: string;
  readonly hostPort: number;
}

/** Where something is mounted in a container. */
export interface Mount {
  readonly kind: string;
  /** Of a volume; else empty. */
  readonly name: string;
  /** Path on the host. */
  readonly source: string;
  /** Path in the container. */
  readonly target: string;
  readonly isWritable: boolean;
}

/** How a container ended. */
export interface ContainerEnd {
  /** 137 after KILL, 143 after TERM that was not handled. */
  readonly code: number;
  readonly isOutOfMemory: boolean;
  /** Why the engine could not start it; else empty. */
  readonly error: string;
  /** Milliseconds since 1970. */
  readonly at: number | null;
}

/** A container, looked at closely. */
export interface ContainerInfo {
  readonly id: string;
  /** Without the slash that engines put in front. */
  readonly name: string;
  /** `sha256:…` of what it really runs. */
  readonly imageId: string;
  /** As it was asked for. */
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: ContainerState;
  /** On the host; 0 when it does not run. */
  readonly pid: number;
  readonly health: ContainerHealth;
  /** What its health check printed last; null: nothing. */
  readonly healthOutput: string | null;
  /** Null while it has not ended yet. */
  readonly end: ContainerEnd | null;
  /** How often the engine itself has started it again. */
  readonly restarts: number;
  /** For example `no`. */
  readonly restartPolicy: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number | null;
  /** Since when it runs, or ran last. */
  readonly startedAt: number | null;
  /** While it runs. */
  readonly ports: readonly PublishedPort[];
  readonly mounts: readonly Mount[];
  /** Addresses by the names of its networks; empty where it has none, as in the host's. */
  readonly networks: Readonly<Record<string, string>>;
  /** Its output is one stream then. */
  readonly isTty: boolean;
}

/** Reads the answer to `/containers/ID/json`. */
export function readContainer(answer: Members): ContainerInfo {
  const state = answer.object("State");
  const config = answer.object("Config");
  const network = answer.object("NetworkSettings");
  return {
    id: answer.text("Id"),
    name: answer.text("Name").replace(/^\//, ""),
    imageId: imageId(answer.text("Image")),
    image: config.text("Image"),
    labels: config.textsByName("Labels"),
    state: stateOf(state.text("Status")),
    pid: state.number("Pid"),
    health: healthOf(state.object("Health").text("Status")),
    healthOutput: state.object("Health").list("Log").at(-1)?.text("Output").trim() ?? null,
    end: endOf(state),
    restarts: answer.number("RestartCount"),
    restartPolicy: answer.object("HostConfig").object("RestartPolicy").text("Name") || "no",
    createdAt: dateOf(answer.text("Created")),
    startedAt: dateOf(state.text("StartedAt")),
    ports: portsOf(network.object("Ports")),
    mounts: answer.list("Mounts").map(mountOf),
    networks: addressesOf(network.object("Networks")),
    isTty: config.boolean("Tty"),
  };
}

/** A state in Podman's words, too; what nobody knows is taken for one that does not run. */
export function stateOf(word: string): ContainerState {
  const known = CONTAINER_STATES.find((state) => state === word);
  if (known !== undefined) return known;
  const isBefore = word === "initialized" || word === "configured";
  return isBefore ? "created" : word === "stopping" ? "running" : "exited";
}

/** With the prefix that Podman leaves out. */
export function imageId(text: string): string {
  return /^[0-9a-f]{64}$/.test(text) ? `sha256:${text}` : text;
}

function healthOf(word: string): ContainerHealth {
  return word === "starting" || word === "healthy" || word === "unhealthy" ? word : "none";
}

function endOf(state: Members): ContainerEnd | null {
  const status = stateOf(state.text("Status"));
  // What could not be started is still "created", and says why.
  const isOver = status === "exited" || status === "dead" || state.text("Error") !== "";
  if (!isOver) return null;
  return {
    code: state.number("ExitCode"),
    isOutOfMemory: state.boolean("OOMKilled"),
    error: state.text("Error"),
    at: dateOf(state.text("FinishedAt")),
  };
}

function portsOf(ports: Members): readonly PublishedPort[] {
  return ports.names().flatMap((container) =>
    ports.list(container).map((binding) => ({
      container,
      hostIp: binding.text("HostIp"),
      hostPort: Number(binding.text("HostPort")),
    }))
  );
}

function mountOf(mount: Members): Mount {
  return {
    kind: mount.text("Type"),
    name: mount.text("Name"),
    source: mount.text("Source"),
    target: mount.text("Destination"),
    isWritable: mount.boolean("RW"),
  };
}

function addressesOf(networks: Members): Readonly<Record<string, string>> {
  const names = networks.names();
  return Object.fromEntries(names.map((name) => [name, networks.object(name).text("IPAddress")]));
}
