/**
 * Long runs, by hand: `deno task soak`. Six parts; whoever names some of them gets only those.
 *
 * - `--seeds N`: so many seeded lives of the updater, 100,000
 * - `--rolls N`: so many rolls of the real program under load, and a mix of good and bad versions,
 *   1,000
 * - `--minutes N`: mixed traffic through the real program with a roll every two seconds, 10
 * - `--engine NAME`: for the mixed traffic
 * - `--upgrades N`: so many self-upgrades under mixed traffic, 50
 * - `--direct`: every language with every way to tell of a socket, in direct mode
 * - `--kills`: liveroll is killed in each phase of rolls by compose, with every compose installed
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { count } from "./lib/count.ts";
import { soakMixed } from "./soak/mixed.ts";
import { soakUpgrades } from "./soak/upgrades.ts";

const ROOT = new URL("..", import.meta.url).pathname;

const flags = parseArgs(Deno.args, {
  boolean: ["direct", "kills"],
  string: ["seeds", "rolls", "minutes", "engine", "upgrades"],
});
const all = !flags.direct && !flags.kills &&
  [flags.seeds, flags.rolls, flags.minutes, flags.upgrades].every((given) => given === undefined);

if (all || flags.seeds !== undefined) {
  const seeds = `${count("seeds", flags.seeds, 100_000)}`;
  await step("simulation", () => deno(["run", "-A", "scripts/simulate.ts", "--seeds", seeds]));
}
if (all || flags.rolls !== undefined) {
  const env = { SOAK_ROLLS: `${count("rolls", flags.rolls, 1_000)}` };
  const test = ["test", "-A", "--frozen", "tests/e2e/hundred_rolls_test.ts"];
  await step("rolls under load", () => deno(test, env));
}
if (all || flags.minutes !== undefined) {
  const minutes = readMinutes(flags.minutes);
  const engine = flags.engine === undefined ? null : String(flags.engine);
  await step("mixed traffic", () => withoutComplaints(soakMixed({ minutes, engine })));
}
if (all || flags.upgrades !== undefined) {
  // Without a number, the text is empty.
  const upgrades = count("upgrades", flags.upgrades || undefined, 50);
  await step("self-upgrades", () => withoutComplaints(soakUpgrades(upgrades)));
}
if (all || flags.direct) {
  const test = ["test", "-A", "--frozen", "tests/e2e/direct_test.ts"];
  await step("direct mode", () => deno(test, { SOAK_DIRECT: "1" }));
}
if (all || flags.kills) {
  const test = ["test", "-A", "--frozen", "tests/e2e/compose_test.ts"];
  await step("kills", () => deno(test, { SOAK_KILLS: "1" }));
}
Deno.exit(0);

async function step(name: string, work: () => Promise<boolean>): Promise<void> {
  const began = performance.now();
  const success = await work();
  const minutes = ((performance.now() - began) / 60_000).toFixed(1);
  console.log(`soak: ${name} ${success ? "passed" : "FAILED"} after ${minutes} minutes`);
  if (!success) Deno.exit(1);
}

async function withoutComplaints(soak: Promise<string[]>): Promise<boolean> {
  const complaints = await soak;
  for (const complaint of complaints) console.log(`soak: ${complaint}`);
  return complaints.length === 0;
}

async function deno(args: string[], env: Record<string, string> = {}): Promise<boolean> {
  const command = new Deno.Command(Deno.execPath(), { args, cwd: ROOT, env });
  return (await command.spawn().status).success;
}

function readMinutes(given: unknown): number {
  const minutes = given === undefined ? 10 : Number(given);
  if (minutes > 0 && minutes <= 10_000) return minutes;
  throw new TypeError(`Cannot read --minutes: ${JSON.stringify(given)} is no time`);
}
