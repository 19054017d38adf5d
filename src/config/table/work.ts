import { choice, command, duration, integer, repeated, toggle } from "../../values/kinds.ts";
import { STRATEGIES } from "../config.ts";
import { fleetTarget } from "../fleet_kind.ts";
import type { Option } from "../option.ts";
import { window } from "../window_kind.ts";

/** What is run, and when. */
export const WORK = {
  pull: {
    group: "Commands",
    kind: command,
    default: null,
    required: { unless: ["registry", "image", "compose-file"] },
    help: "fetches the newest artifact",
    remark: "run by sh -c, as all commands",
  },
  id: {
    group: "Commands",
    kind: command,
    default: null,
    required: { unless: ["registry", "image", "compose-file"] },
    help: "prints the version of what was pulled",
    remark: "an empty answer is an error",
  },
  exec: {
    group: "Commands",
    kind: command,
    default: null,
    required: { unless: ["image", "compose-file"] },
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
  "max-backoff": {
    group: "Updates",
    kind: duration({ zero: true }),
    default: "0s",
    help: "longest time between checks that fail one after the other",
    remark: "it doubles from --interval up to this, spread by chance; 0: it does not grow",
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
      "the old one first and hold requests meanwhile, up to --queue-timeout, where two copies may " +
      "not coexist",
  },
  window: {
    group: "Updates",
    kind: repeated(window),
    default: "",
    help: 'when new versions may be rolled to, for example "Mon-Fri 09:00-17:00 Europe/Berlin"',
    remark: "may be given several times; without one: always",
  },
  cooldown: {
    group: "Updates",
    kind: duration({ zero: true }),
    default: "0s",
    help: "time that a version has to be known before it is rolled to",
  },
  "notify-only": {
    group: "Updates",
    kind: toggle,
    default: "false",
    help: "tell about new versions, roll to them only when somebody asks for it",
  },
  "on-demand": {
    group: "Updates",
    kind: toggle,
    default: "false",
    help: "ask for new versions only by command, webhook or HUP",
  },
  "min-healthy": {
    group: "Updates",
    kind: duration({ zero: true }),
    default: "10s",
    help: "time after the switch that a new version must stay well, or the one before comes back",
    remark: "0: the gate is enough",
  },
  "keep-warm": {
    group: "Updates",
    kind: duration({ zero: true }),
    default: "0s",
    help: "time that the old child is kept ready after the switch, to come back at once",
  },
  fleet: {
    group: "Updates",
    kind: fleetTarget,
    default: null,
    help: "where hosts that run the same app take turns to roll, and stop when one fails",
    remark: "redis://[USER:PASSWORD@]HOST[:PORT][/DB], rediss://…, consul://…, s3://…, gs://… or " +
      "file:///DIR that all see; " +
      "?lease=TIME: how long a host that died is waited for (1m); see docs/operations.md",
  },
  "max-unavailable": {
    group: "Updates",
    kind: integer(1, 100),
    default: null,
    help: "how many hosts of the fleet may roll at the same time",
    remark:
      "without it one; without --fleet, but with --max-surge: how many of --replicas may be " +
      "missing meanwhile, without it none",
  },
} as const satisfies Record<string, Option>;
