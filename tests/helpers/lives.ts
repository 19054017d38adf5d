import { Home } from "./home.ts";
import { Liveroll, type LiverollOptions } from "./liveroll.ts";
import { showingLogs } from "./showing_logs.ts";

/** What is left of a liveroll that was killed while it served. */
export interface Legacy {
  home: Home;
  /** The one that was killed; its children, if they inherited its output, still write there. */
  former: Liveroll;
  /** The child that served. */
  child: { pid: number; port: number };
  /** Starts the next life; `flags` are added to those of the former one. */
  begin(flags?: Record<string, string | null>): Liveroll;
}

/** A flag for children that outlive liveroll. */
export const OUTLIVES = { "child-logs": "inherit" };

/** Starts a liveroll in the home of a test. */
export type Begin = (options?: Omit<LiverollOptions, "home">) => Liveroll;

/** Runs `test` with a home, in which v1 is published; when it fails, the logs are shown. */
export async function withHome(
  test: (home: Home, begin: Begin) => Promise<void>,
): Promise<void> {
  const all: Liveroll[] = [];
  await showingLogs(() => all, async () => {
    using home = new Home();
    home.workspace.publish("v1");
    await using lives = new AsyncDisposableStack();
    const begin: Begin = (options) => {
      const liveroll = lives.use(new Liveroll({ ...options, home }));
      all.push(liveroll);
      return liveroll;
    };
    await test(home, begin);
  });
}

/** The same after a liveroll that served v1 was killed. */
export function withLegacy(
  { behaviour = {}, ...options }: Pick<LiverollOptions, "flags" | "behaviour">,
  test: (legacy: Legacy) => Promise<void>,
): Promise<void> {
  return withHome(async (home, begin) => {
    home.workspace.setBehaviour("v1", behaviour);
    const former = begin(options);
    await former.waitFor("roll.succeeded");
    const child = await servingChild(former);
    await former.stop("SIGKILL");
    await test({
      home,
      former,
      child,
      begin: (flags) => begin({ flags: { ...options.flags, ...flags } }),
    });
  });
}

/** The application itself, not its shell, and where it listens. */
export async function servingChild(liveroll: Liveroll): Promise<Legacy["child"]> {
  const pid = Number((await liveroll.ask("/pid")).text);
  const env = JSON.parse((await liveroll.ask("/env")).text);
  return { pid, port: Number(env.PORT) };
}
