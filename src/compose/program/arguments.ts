import type { ComposeStack, OneShot, UnnamedStack, UpOptions } from "./stack.ts";

/**
 * What every call begins with. Names of projects and services are checked before: none begins with
 * a dash.
 */
export function stackArguments({ project, ...stack }: ComposeStack): string[] {
  return ["-p", project, ...unnamedArguments(stack)];
}

/** {@linkcode stackArguments} without a name: compose finds one. */
export function unnamedArguments({ directory, files, envFile, profiles }: UnnamedStack): string[] {
  return [
    ...["--project-directory", directory],
    ...files.flatMap((file) => ["-f", file]),
    ...(envFile === null ? [] : ["--env-file", envFile]),
    ...profiles.flatMap((profile) => ["--profile", profile]),
  ];
}

/** Prints the resolved model; version 1 only knows YAML. */
export function configArguments(major: 1 | 2): string[] {
  return major === 1 ? ["config"] : ["config", "--format", "json"];
}

export function pullArguments(services: readonly string[]): string[] {
  return ["pull", "--quiet", "--", ...services];
}

/**
 * Nothing but the services is touched: neither what they depend on, nor containers that the files
 * do not know. Nothing is built: what was verified runs. Never `--yes`: version 2 would also take
 * it as leave to replace volumes.
 */
export function upArguments(services: readonly string[], options: UpOptions = {}): string[] {
  const { existing = "recreate", scale, stopTimeoutMs } = options;
  return [
    ...["up", "--detach", "--no-deps", "--no-build", "--quiet-pull"],
    ...(existing === "keep" ? ["--no-recreate"] : []),
    ...(existing === "always" ? ["--force-recreate"] : []),
    ...(scale === undefined ? [] : ["--scale", `${scale.service}=${scale.replicas}`]),
    ...timeout(stopTimeoutMs),
    ...["--", ...services],
  ];
}

/** What an `up` that keeps all containers would do; nothing is done. Version 1 cannot say. */
export function rehearseArguments(services: readonly string[]): string[] {
  const [up = "", ...rest] = upArguments(services, { existing: "keep" });
  return [up, "--dry-run", ...rest];
}

export function stopArguments(services: readonly string[], stopTimeoutMs?: number): string[] {
  return ["stop", ...timeout(stopTimeoutMs), "--", ...services];
}

/** Variables go by their names only: values would be in the list of processes. */
export function runArguments({ service, command, ...options }: OneShot): string[] {
  const { entrypoint, env = {} } = options;
  return [
    ...["run", "--rm", "--no-deps", "-T"],
    ...(entrypoint === undefined ? [] : ["--entrypoint", entrypoint]),
    ...Object.keys(env).flatMap((name) => ["-e", name]),
    ...["--", service, ...command],
  ];
}

/** Compose counts in whole seconds. */
function timeout(stopTimeoutMs: number | undefined): string[] {
  return stopTimeoutMs === undefined ? [] : ["--timeout", `${Math.ceil(stopTimeoutMs / 1_000)}`];
}
