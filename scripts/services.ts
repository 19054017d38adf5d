/**
 * What tests and benchmarks need from outside: says what is ready and what is not, and why.
 *
 * - `--install`: installs what is missing from Debian's packages (root, Debian; implied by CI=true)
 * - `--start`: starts a private Docker Engine and a registry until Ctrl-C, for work by hand
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { aptInstall, aptObstacle } from "./lib/apt.ts";
import { startEngine } from "./lib/docker_engine.ts";
import { startRegistry } from "./lib/docker_registry.ts";
import { missingPrograms, PARTS, stateOf } from "./lib/parts.ts";

/** Installs what is missing, as far as possible; says what it does. */
export async function installParts(): Promise<void> {
  const missing = PARTS.filter((part) => missingPrograms(part).length > 0);
  if (missing.length === 0) return;
  const obstacle = await aptObstacle();
  if (obstacle !== null) return console.log(`services: nothing installed: ${obstacle}`);
  console.log(`services: installing ${missing.map(({ name }) => name).join(", ")}`);
  const complaints = await aptInstall(missing.map(({ packages }) => packages));
  for (const complaint of complaints) console.log(`services: cannot install ${complaint}`);
}

/** Prints one line per part. */
export async function reportParts(): Promise<void> {
  for (const part of PARTS) console.log(`services: ${part.name.padEnd(16)} ${await stateOf(part)}`);
}

async function start(): Promise<void> {
  const stop = Promise.withResolvers<void>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, stop.resolve);
  await using engine = await startEngine();
  await using registry = await startRegistry();
  for (const [name, value] of Object.entries(engine.env)) console.log(`export ${name}=${value}`);
  console.log(`# registry: ${registry.address}; Ctrl-C ends both`);
  await stop.promise;
}

if (import.meta.main) {
  const flags = parseArgs(Deno.args, { boolean: ["install", "start"] });
  if (flags.install || Deno.env.get("CI") === "true") await installParts();
  if (flags.start) await start();
  else await reportParts();
  Deno.exit(0);
}
