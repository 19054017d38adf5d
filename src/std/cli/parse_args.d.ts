/** The part of `@std/cli/parse-args` that liveroll uses. */
export function parseArgs(
  args: readonly string[],
  options?: {
    boolean?: readonly string[];
    string?: readonly string[];
    collect?: readonly string[];
    stopEarly?: boolean;
    "--"?: boolean;
    unknown?: (arg: string, key?: string, value?: unknown) => unknown;
  },
): { _: (string | number)[]; "--"?: string[]; [key: string]: unknown };
