/** The exit codes of all commands. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  notRunning: 3,
  busy: 4,
  timedOut: 5,
  /** 128 + SIGINT, as a shell has it. */
  detached: 130,
} as const;

/** What each of {@linkcode EXIT} means, for the help. */
export const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: "done",
  failed: "failed: refused, rolled back, or something is wrong",
  usage: "nothing could be done with the input",
  notRunning: "liveroll does not run there",
  busy: "busy with something else",
  timedOut: "timed out; what was asked for goes on",
  detached: "Ctrl-C while waiting; what was asked for goes on",
};
