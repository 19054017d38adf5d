import { registryTarget } from "../../source/registry_target.ts";
import type { Translation } from "./from_dewy.ts";
import { shellWords } from "./shell_words.ts";

const PODMAN = "unix:///run/podman/podman.sock";

/** What only `dewy container` takes, taken out of a command line. */
export interface ContainerWords {
  /** Without them. */
  readonly rest: readonly string[];
  readonly args: readonly string[];
  readonly problems: readonly string[];
  /** `--cmd`: what the containers run. */
  readonly command: readonly string[];
}

/** Takes `--port PROXY:CONTAINER`, `--runtime` and `--cmd` out of the flags of `dewy container`. */
export function takeContainerWords(flags: readonly string[]): ContainerWords {
  const [rest, args, problems, command]: string[][] = [[], [], [], []];
  const containerPorts = new Set<string>();
  for (let at = 0; at < flags.length; at++) {
    const word = flags[at]!;
    const [, name = "", attached] = /^--?([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(word) ?? [];
    if (!["p", "port", "runtime", "cmd"].includes(name)) {
      rest!.push(word);
      continue;
    }
    const value = attached ?? flags[++at];
    if (value === undefined) {
      problems!.push(`${word}: flag needs an argument`);
      continue;
    }
    const [, proxy = value, container] = /^(\d+):(\d+)$/.exec(value) ?? [];
    if (name === "cmd") command!.push(value);
    else if (name === "runtime" && value === "podman") args!.push(`--docker-host=${PODMAN}`);
    else if (name === "runtime" && value !== "docker") {
      problems!.push(`--runtime: ${JSON.stringify(value)} is neither docker nor podman`);
    } else if (name !== "runtime") {
      rest!.push(`--port=${proxy}`);
      if (container !== undefined) containerPorts.add(container);
    }
  }
  for (const port of containerPorts) args!.push(`--container-port=${port}`);
  if (containerPorts.size > 1) {
    problems!.push(
      `--port: one port of the container gets the requests, not ${[...containerPorts].join(", ")}`,
    );
  }
  return { rest: rest!, args: args!, problems: problems!, command: command! };
}

/**
 * What follows `--` are options of `docker run`, and behind another one a command; the image is that
 * of the registry, unless there is one.
 */
export function containerArgs(
  { args }: Pick<Translation, "args">,
  runWords: readonly string[],
  command: readonly string[],
): readonly string[] {
  const words = command.length === 0 ? runWords : [...runWords, "--", ...command];
  const run = words.length === 0 ? [] : [`--run-options=${shellWords(words)}`];
  const image = hasFlag(args, "image") ? null : imageOf(args);
  return [...args, ...image === null ? [] : [`--image=${image}`], ...run];
}

function imageOf(args: readonly string[]): string | null {
  const at = args.findLastIndex((arg) => /^--?registry(=|$)/.test(arg));
  const [, attached] = args[at]?.split(/=(.*)/s) ?? [];
  const url = attached ?? (at === -1 ? undefined : args[at + 1]);
  if (!url?.startsWith("img:")) return null;
  try {
    const target = registryTarget.parse(url);
    return target.kind === "oci" ? `${target.host}/${target.repository}` : null;
  } catch {
    // The option itself says what is wrong with it.
    return null;
  }
}

function hasFlag(args: readonly string[], name: string): boolean {
  return args.some((arg) => new RegExp(`^--?${name}(=|$)`).test(arg));
}
