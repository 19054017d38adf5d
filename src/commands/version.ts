import project from "../../deno.json" with { type: "json" };
import { EXIT_USAGE, type Io } from "./command.ts";

/** The version of this liveroll. */
export const VERSION: string = project.version;

/** Prints program, version and runtime. */
export function version(args: readonly string[], io: Io): number {
  if (args.length > 0) {
    io.err(`liveroll: unexpected argument ${JSON.stringify(args[0])} after "version"`);
    return EXIT_USAGE;
  }
  io.out(`liveroll ${VERSION} (Deno ${Deno.version.deno}, ${Deno.build.target})`);
  return 0;
}
