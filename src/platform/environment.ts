/**
 * Variables that speak to or about this very process. A child that inherited them could report
 * readiness to the service manager in our name, or believe that our sockets are its own.
 */
const OWN = new Set([
  "NOTIFY_SOCKET",
  "LISTEN_FDS",
  "LISTEN_FDNAMES",
  "LISTEN_PID",
  "LISTEN_PIDFDID",
  "SERVER_STARTER_PORT",
  "SERVER_STARTER_GENERATION",
  "WATCHDOG_PID",
  "WATCHDOG_USEC",
  "MAINPID",
  "FDSTORE",
  "SYSTEMD_EXEC_PID",
]);

/** How the environment of a child is built. */
export interface ChildEnvironmentOptions {
  /** Names to leave out besides the service manager's, for example `LIVEROLL_PORT`. */
  omit?: Iterable<string>;
  /** Variables to set; they win over everything else. */
  extra?: Readonly<Record<string, string>>;
  /**
   * Whether the child writes to our own standard error.
   *
   * Only then may it see `JOURNAL_STREAM`: a child with captured output that believes to be
   * connected to the journal would print priorities for a reader who is not there.
   *
   * @default {false}
   */
  inheritsOutput?: boolean;
}

/**
 * The environment for a child: `own` without what belongs to this process alone.
 *
 * `INVOCATION_ID` stays: it names the run of the service, which the child is a part of.
 */
export function childEnvironment(
  own: Readonly<Record<string, string>>,
  { omit = [], extra = {}, inheritsOutput = false }: ChildEnvironmentOptions = {},
): Record<string, string> {
  const omitted = new Set([...OWN, ...omit]);
  if (!inheritsOutput) omitted.add("JOURNAL_STREAM");
  const kept = Object.entries(own).filter(([name]) => !omitted.has(name));
  return { ...Object.fromEntries(kept), ...extra };
}
