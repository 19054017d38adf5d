/** What a command comes to. */
export interface Expected {
  /** Without `liveroll`, as a person types it. */
  line: string;
  /** @default {0} */
  code?: number;
  /** The answer of the API that `--json` prints; absent: another test looks at it. */
  as?: readonly [operation: string, status: number];
  /** What a person reads, or what is complained about when `code` is not 0. */
  says: RegExp;
}

const SETTINGS = (name: string) => [`POST /v1/${name}`, 200] as const;
const ORDER = ["GET /v1/requests/1", 200] as const;
const CONFLICT = ["POST /v1/update", 409] as const;

/** In order, for an application that was rolled from v1 to v2. */
export const RUNNING: readonly Expected[] = [
  {
    line: "status",
    as: ["GET /v1/status", 200],
    says: /^state {2}serving: serving v2 on port \d+\n/,
  },
  { line: "history", as: ["GET /v1/history", 200], says: /^ROLL +AT .*\n1 .* v1 .*\n2 .* v2 /s },
  {
    line: "history -n 1",
    as: ["GET /v1/history", 200],
    says: /^ROLL +AT [^\n]+\n2 .* v2 [^\n]+\n$/,
  },
  {
    line: "show 2",
    as: ["GET /v1/rolls/2", 200],
    says: /^roll 2\n.*gate +\S+.*\n {2}.*succeeded in/s,
  },
  { line: "show 99", code: 1, as: ["GET /v1/rolls/99", 404], says: /^There is no roll 99$/ },
  { line: "logs", as: ["GET /v1/logs", 200], says: /v1@.*toy v1 ready.*v2@\d+ \| toy v2 ready/s },
  { line: "logs 1 -n 1", as: ["GET /v1/logs", 200], says: /^\S+ v1@\d+ \| [^\n]*\n$/ },
  { line: "logs 99", code: 1, as: ["GET /v1/rolls/99/logs", 404], says: /^There is no roll 99$/ },
  { line: "why", as: ["GET /v1/why", 200], says: /Roll 2 to v2 succeeded in/ },
  { line: "doctor", as: ["GET /v1/doctor", 200], says: /^all is well\n$/ },
  { line: "doctor --fix", as: ["POST /v1/doctor/fix", 200], says: /^all is well\n$/ },
  { line: "update", as: ORDER, says: /^v2 is the newest version\n$/ },
  { line: "update v2", as: ORDER, says: /^v2 runs already\n$/ },
  {
    line: "pause",
    as: SETTINGS("pause"),
    says: /^updates are paused; liveroll resume ends this\n$/,
  },
  {
    line: "update",
    code: 1,
    as: CONFLICT,
    says: /^updates are paused: liveroll resume, or update --/,
  },
  { line: "retry", code: 1, as: CONFLICT, says: /^updates are paused: liveroll resume$/ },
  { line: "doctor", as: ["GET /v1/doctor", 200], says: /^info +updates are paused \(paused\)\n/ },
  { line: "resume", as: SETTINGS("resume"), says: /^updates go on\n$/ },
  { line: "hold", as: SETTINGS("hold"), says: /^requests are held; liveroll release ends this\n$/ },
  { line: "release", as: SETTINGS("release"), says: /^requests pass\n$/ },
  {
    line: "maintenance on --message Later",
    as: SETTINGS("maintenance"),
    says: /^maintenance is on: requests are answered 503 "Later"\n$/,
  },
  { line: "maintenance off", as: SETTINGS("maintenance"), says: /^maintenance is off\n$/ },
  { line: "skip v9", as: SETTINGS("skip"), says: /^v9 is skipped; liveroll retry forgets this\n$/ },
  { line: "retry", as: ORDER, says: /^v2 is the newest version\n$/ },
  { line: "pin v2", as: ORDER, says: /^v2 runs already\n$/ },
  {
    line: "update",
    code: 1,
    as: CONFLICT,
    says: /^v2 is pinned: liveroll unpin, or update --force$/,
  },
  { line: "update v3", code: 1, as: CONFLICT, says: /^v2 is pinned: liveroll unpin, or update/ },
  { line: "unpin", as: SETTINGS("unpin"), says: /^no version is pinned\n$/ },
  { line: "rollback v2", code: 1, as: CONFLICT, says: /^v2 runs already$/ },
  {
    line: "rollback v9",
    code: 1,
    as: ["POST /v1/rollback", 404],
    says: /^v9 is not remembered to have run here: give liveroll update v9$/,
  },
  { line: "rollback", as: ORDER, says: /^v1 serves \(roll 3, \d+(\.\d)?m?s\)\n$/ },
  { line: "rollback", code: 1, as: CONFLICT, says: /^there is no version before this one$/ },
  { line: "update --force", as: ORDER, says: /^v2 serves \(roll 4, \d+(\.\d)?m?s\)\n$/ },
  { line: "restore", says: /^no snapshots yet\n$/ },
  { line: "ps", says: /^APP +STATE +CURRENT +UP +PID +LISTENS +STATE DIR\n/ },
  { line: "completions bash", says: /complete .*liveroll/ },
  {
    line: "upgrade",
    code: 1,
    as: ["POST /v1/upgrade", 409],
    says: /^this liveroll hands nothing over: give it --handover, or restart the service$/,
  },
  { line: "stop", says: /^stopped \(pid \d+\)\n$/ },
];

/** Verbs that have no `--json`. */
export const ONLY_TEXT = ["completions"];

/** For an application that ran once and does not run any more. */
export const STOPPED: readonly Expected[] = [
  { line: "history", as: ["GET /v1/history", 200], says: /^ROLL +AT .*\n1 .* v1 .*succeeded/s },
  { line: "show 1", as: ["GET /v1/rolls/1", 200], says: /^roll 1\n.*events:/s },
  { line: "why", as: ["GET /v1/why", 200], says: /Roll 1 to v1 succeeded in/ },
];

/** Needs somebody to talk to. */
export const TALKS = [
  "status",
  "logs",
  "logs -f",
  "status --watch",
  "update",
  "update --force v2",
  "rollback",
  "retry",
  "pin v1",
  "unpin",
  "skip v1",
  "pause",
  "resume",
  "hold",
  "release",
  "maintenance on",
  "maintenance off",
  "doctor",
  "doctor --fix",
  "upgrade",
  "stop",
];

/** Refused before anybody is talked to. */
export const WRONG: Readonly<Record<string, RegExp>> = {
  "status --jsn": /^unknown flag --jsn \(did you mean --json\?\)$/,
  "update a b": /^unexpected argument "b"$/,
  "update --timeout 5": /^--timeout: missing unit in "5", for example 5s$/,
  "rollback --timeout=": /^--timeout: /,
  "history -n 0": /^--n: /,
  "history -n many": /^--n: /,
  "show": /^ROLL is missing$/,
  "show first": /^ROLL: "first" is not the number of a roll, see liveroll history$/,
  "logs 0": /^ROLL: "0" is not the number of a roll/,
  "why now": /^unexpected argument "now"$/,
  "pause now": /^unexpected argument "now"$/,
  "resume --until=5": /^unknown flag --until/,
  "hold on": /^unexpected argument "on"$/,
  "release all": /^unexpected argument "all"$/,
  "maintenance": /^on\|off is missing: give on or off$/,
  "maintenance onn": /^on\|off: unknown word "onn" \(did you mean "on"\?\)/,
  "maintenance on --message": /^--message: flag needs an argument/,
  "pin": /^ID is missing$/,
  "unpin v1": /^unexpected argument "v1"$/,
  "skip": /^ID is missing$/,
  "retry v1": /^unexpected argument "v1"$/,
  "doctor --repair": /^unknown flag --repair/,
  "restore a b": /^unexpected argument "b"$/,
  "restore --timeout 5": /^--timeout: missing unit in "5"/,
  "upgrade now": /^unexpected argument "now"$/,
  "stop now": /^unexpected argument "now"$/,
  "ps --watch": /^unknown flag --watch/,
  "completions tcsh": /^bash\|zsh\|fish: unknown word "tcsh"/,
  "status --app a --state-dir b": /^give --state-dir or --app, not both$/,
  "status --app ../b": /^--app: /,
  "status --control-url ftp://a": /^--control-url: "ftp:\/\/a" is not an address/,
  "status --control-token-file /etc/hostname": /^--control-token-file goes with --control-url/,
};
