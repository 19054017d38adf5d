import { STRATEGIES } from "../config.ts";
import { choice, command, duration } from "../kinds.ts";
import type { Option } from "../option.ts";

/** What is run, and when. */
export const WORK = {
  pull: {
    group: "Commands",
    kind: command,
    default: null,
    required: true,
    help: "fetches the newest artifact",
    remark: "run by sh -c, as all commands",
  },
  id: {
    group: "Commands",
    kind: command,
    default: null,
    required: true,
    help: "prints the version of what was pulled",
    remark: "an empty answer is an error",
  },
  exec: {
    group: "Commands",
    kind: command,
    default: null,
    required: true,
    help: "starts a child",
    remark: "<<PORT>>, <<HEALTHCHECK>> and <<ID>> are replaced; they are also in its environment",
  },
  stop: {
    group: "Commands",
    kind: command,
    default: null,
    help: "stops a child, in place of --stop-signal",
    remark: "replaces the same templates as --exec, for example docker stop app-<<PORT>>",
  },

  interval: {
    group: "Updates",
    kind: duration(),
    default: "10s",
    help: "time between two checks for a new version",
    aliases: ["Interval"],
  },
  "pull-timeout": {
    group: "Updates",
    kind: duration(),
    default: "10m",
    help: "time that --pull may take",
  },
  "id-timeout": {
    group: "Updates",
    kind: duration(),
    default: "1m",
    help: "time that --id may take",
  },
  strategy: {
    group: "Updates",
    kind: choice(STRATEGIES),
    default: "blue-green",
    help: "how a new version takes over",
    remark: "blue-green: beside the old one, which is stopped after the switch; recreate: stop " +
      "the old one first and hold requests meanwhile, where two copies may not coexist",
  },
} as const satisfies Record<string, Option>;
