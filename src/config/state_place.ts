/** Where a state directory is looked for in the working directory. */
const LOCAL = ".liveroll";

/** What somebody said about an application. */
export interface AppChoice {
  readonly stateDir: string | null;
  readonly app: string | null;
}

/**
 * The state directory: as given, else `$STATE_DIRECTORY` (the first of several), else
 * `/var/lib/NAME` for a named application, else `.liveroll` in the working directory.
 */
export function stateDirOf(
  { stateDir, app }: AppChoice,
  env: Readonly<Record<string, string>>,
): string {
  const [fromManager = ""] = (env.STATE_DIRECTORY ?? "").split(":");
  return stateDir ?? (fromManager || (app === null ? LOCAL : `/var/lib/${app}`));
}

/** The name of an application that was given none: that of its state or working directory. */
export function appOf(stateDir: string, cwd: string): string {
  const last = (path: string) => path.split("/").findLast((part) => part !== "") ?? "";
  const own = last(stateDir);
  const name = own === LOCAL || own === "." || own === ".." || own === "" ? last(cwd) : own;
  return name.replaceAll(/[^A-Za-z0-9._@-]/g, "-").replace(/^[^A-Za-z0-9]+/, "").slice(0, 64) ||
    "app";
}
