import { CONTRACTS } from "../../data/contract.ts";
import { choice, duration, GIB, integer, line, size } from "../../values/kinds.ts";
import type { Option } from "../option.ts";
import { snapshot } from "../snapshot_kind.ts";
import { words } from "../words_kind.ts";

/** What is done to the data of an application before a version starts. */
export const DATA = {
  migrate: {
    group: "Data",
    kind: words,
    default: "",
    help: "program and arguments that change the data for a new version, run in its image",
    remark: "with environment, networks and volumes of the application; a shell is sh -c '…'",
  },
  migration: {
    group: "Data",
    kind: choice(CONTRACTS),
    default: "additive",
    help: "what --migrate promises: the old version can live with it, it can be taken back, or not",
    remark: "destructive needs --snapshot, and stops the old version first",
  },
  "migrate-back": {
    group: "Data",
    kind: words,
    default: "",
    help: "takes --migrate back, run in the same image; with --migration reversible",
  },
  "migrate-timeout": {
    group: "Data",
    kind: duration(),
    default: "10m",
    help: "time that --migrate or --migrate-back may take",
  },
  snapshot: {
    group: "Data",
    kind: snapshot,
    default: null,
    help: "save the data before it is changed: copies of all volumes, or what a command prints",
    remark: "is put back when the new version does not come to serve, unless the migration is " +
      "additive",
  },
  "snapshot-restore": {
    group: "Data",
    kind: line,
    default: null,
    help: "command that reads what --snapshot command:CMD has printed, and puts it back",
  },
  "snapshot-timeout": {
    group: "Data",
    kind: duration(),
    default: "30m",
    help: "time that a snapshot may take, and putting it back",
  },
  "keep-snapshots": {
    group: "Data",
    kind: integer(1, 1000),
    default: "3",
    help: "snapshots that are kept",
  },
  "keep-snapshots-size": {
    group: "Data",
    kind: size({ max: 1024 * 1024 * GIB }),
    default: "0",
    help: "bytes that all snapshots together may have: the oldest go first",
    remark: "0: no limit; the newest one stays, and one that may still be needed",
  },
} as const satisfies Record<string, Option>;
