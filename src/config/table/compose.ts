import { file, line, repeated } from "../../values/kinds.ts";
import { envKey, serviceName } from "../compose_kinds.ts";
import type { Option } from "../option.ts";

/** Which services of a compose stack are kept up to date. */
export const COMPOSE = {
  "compose-file": {
    group: "Compose",
    kind: repeated(file),
    default: "",
    help: "a compose file whose services are updated, in place of --exec",
    remark: "again for files that override it; liveroll compose calls it -f, too",
  },
  service: {
    group: "Compose",
    kind: repeated(serviceName),
    default: "",
    help: "a service that is updated",
    remark: "again for more that run the same image; requests go to the first one",
  },
  "project-name": {
    group: "Compose",
    kind: line,
    default: null,
    help: "name of the compose project",
    remark: "without it: as docker compose finds it, by COMPOSE_PROJECT_NAME, name: or directory",
  },
  "env-file": {
    group: "Compose",
    kind: file,
    default: null,
    help: "variables for the compose files",
    remark: "without it: .env beside the first one, if it is there",
  },
  "env-key": {
    group: "Compose",
    kind: envKey,
    default: null,
    help: "variable in --env-file that names the version, and is set to it; with --registry",
    remark: "without it: an override file of liveroll names the image, and nothing is edited",
  },
} as const satisfies Record<string, Option>;
