import { quote } from "../../values/kinds.ts";
import type { Io } from "../command.ts";
import { PREFIX } from "./old_variable.ts";

/** Which variable names the file of a flag. */
const VARIABLES = { "compose-file": "COMPOSE_FILE", "env-file": "ENV_FILE" } as const;

/**
 * Files of the old container that are not on this host; compose would name neither the variable nor
 * the fix.
 */
export function missingFiles(args: readonly string[], io: Pick<Io, "readFile">): string[] {
  return Object.entries(VARIABLES).flatMap(([flag, name]) => {
    const path = args.find((arg) => arg.startsWith(`--${flag}=`))?.slice(flag.length + 3);
    const why = path === undefined ? null : complaintAbout(path, io);
    if (why === null) return [];
    const fix = "give its path on this host, which is not the one in the container";
    return [`${PREFIX}${name}: ${quote(path!)} cannot be read: ${why}; ${fix}`];
  });
}

function complaintAbout(path: string, io: Pick<Io, "readFile">): string | null {
  try {
    io.readFile(path);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message.split("\n")[0]! : String(error);
  }
}
