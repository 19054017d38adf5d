import { choice, integer, line, port } from "../../values/kinds.ts";
import { image } from "../image_kind.ts";
import type { Option } from "../option.ts";
import { words } from "../words_kind.ts";

/** Where images come from. */
export const PULL_POLICIES = ["always", "never"] as const;

/** What becomes of containers when liveroll stops. */
export const ON_STOP = ["leave", "stop"] as const;

/** Whether copies may share what they write to. */
const SHARED_VOLUME = ["auto", "safe"] as const;

/** What runs in containers, and how many. */
export const CONTAINERS = {
  image: {
    group: "Containers",
    kind: image,
    default: null,
    help: "an image that is run in containers, in place of --exec; its tag is watched",
    remark: "a tag that is moved is a new version; with --registry img://… versions are its tags",
  },
  "container-port": {
    group: "Containers",
    kind: port,
    default: null,
    help: "port inside the container that requests go to",
    remark: "without it: the only TCP port that the image exposes",
  },
  replicas: {
    group: "Containers",
    kind: integer(1, 100),
    default: "1",
    help: "containers of a version that serve at the same time",
  },
  "max-surge": {
    group: "Containers",
    kind: integer(0, 100),
    default: "0",
    help: "so many new containers at a time take the place of old ones",
    remark: "0: all new ones first, then the switch; fewer need less memory, and both versions " +
      "serve meanwhile",
  },
  "run-options": {
    group: "Containers",
    kind: words,
    default: "",
    help: "options of docker run for every container, and after -- a command for the image",
    remark: "liveroll container takes them after --; what would break a roll is refused",
  },
  "pull-policy": {
    group: "Containers",
    kind: choice(PULL_POLICIES),
    default: "always",
    help: "whether the registry is asked; never: only images that are on this host",
  },
  "keep-images": {
    group: "Containers",
    kind: integer(1, 1000),
    default: "7",
    help: "images of good versions that are kept, besides those in use",
  },
  "shared-volume": {
    group: "Containers",
    kind: choice(SHARED_VOLUME),
    default: "auto",
    help: "what if two copies could write to the same volume: auto makes the strategy recreate",
    remark: "safe: they may",
  },
  "on-stop": {
    group: "Containers",
    kind: choice(ON_STOP),
    default: "leave",
    help: "what becomes of the containers that serve when liveroll is stopped",
    remark: "leave: they run on, and are taken over at the next start",
  },
  "docker-host": {
    group: "Containers",
    kind: line,
    default: null,
    help: "socket of the engine, as unix:///PATH",
    remark: "without it: DOCKER_HOST, or the socket of Docker or Podman that is there",
  },
} as const satisfies Record<string, Option>;
