import { choice, file, toggle } from "../../values/kinds.ts";
import { ACCESS_LOG_FORMATS, CHILD_LOGS, LOG_FORMATS, LOG_LEVELS } from "../config.ts";
import type { Option } from "../option.ts";

/** What is told to whom. */
export const LOGS = {
  "child-logs": {
    group: "Logs",
    kind: choice(CHILD_LOGS),
    default: "capture",
    help: "what becomes of a child's output",
    remark: "capture: line by line with a prefix; inherit: untouched, as liveroll's own",
  },
  "log-level": {
    group: "Logs",
    kind: choice(LOG_LEVELS),
    default: "info",
    help: "least severe records that are written",
  },
  "log-format": {
    group: "Logs",
    kind: choice(LOG_FORMATS),
    default: "auto",
    help: "how records are written",
    remark: "auto: journald under systemd, else text",
  },
  "access-log": {
    group: "Logs",
    kind: file,
    default: null,
    help: "file that gets a line for every request, - for standard output",
    remark: "opened again on HUP, or when it was moved away",
  },
  "access-log-format": {
    group: "Logs",
    kind: choice(ACCESS_LOG_FORMATS),
    default: "json",
    help: "how those lines are written",
  },

  config: {
    group: "General",
    kind: file,
    default: null,
    help: "YAML file whose keys are these options without dashes in front",
    only: "flag or environment",
  },
  check: {
    group: "General",
    kind: toggle,
    default: "false",
    help: "validate, print the effective values, start nothing",
    only: "flag",
  },
  version: {
    group: "General",
    kind: toggle,
    default: "false",
    help: "print the version",
    only: "flag",
  },
  help: {
    group: "General",
    kind: toggle,
    default: "false",
    help: "print this help",
    aliases: ["h"],
    only: "flag",
  },
} as const satisfies Record<string, Option>;
