import { basename } from "node:path";

/** Arguments for runs of `deno test` that go on at the same time. */
export type Lanes = readonly (readonly string[])[];

/**
 * What makes a test the only one of its kind at a time: it looks at the whole machine, or changes
 * it. A browser drops its requests (`ERR_NETWORK_CHANGED`) when networks of containers come and go.
 */
const NEEDS_THE_MACHINE = /helpers\/(docker|nspawn|small_disk|podman|browser|page_scene)\.ts/;

/** Long ones that would make the other lane the longer one. */
const FOR_BALANCE: readonly string[] = [
  "fleet_test.ts",
  "journal_crash_test.ts",
];

/** Fast ones that take as long as so many others. */
const TAKES_AS_LONG_AS: Readonly<Record<string, number>> = { "simulation_test.ts": 30 };

/** Folders whose tests do not start programs; they come first, since they fail first. */
const FAST: readonly string[] = ["unit", "platform"];

/** How many lanes run at a time. */
const WIDTH = 2;

/**
 * All tests below `root`/tests, in stages of two lanes: the fast ones, then those that start real
 * programs and mostly wait. What starts engines, containers or mounts is in one of them: such tests
 * look at what is left on the machine.
 */
export async function allTests(root: string): Promise<readonly Lanes[]> {
  const folders = (await foldersWithTests(`${root}tests`)).filter((name) => name !== "e2e");
  const fast: string[] = [];
  for (const name of FAST) fast.push(...await testFiles(root, `tests/${name}`));
  const slow = folders.filter((name) => !FAST.includes(name)).map((name) => `tests/${name}`);
  const [machine, programs] = await split(root);
  return [dealt(fast), [programs, [...machine, ...slow]]]
    .map((lanes) => lanes.filter((lane) => lane.length > 0))
    .filter((lanes) => lanes.length > 0);
}

/** @returns As many lanes as run at a time, of about the same length. */
function dealt(files: readonly string[]): Lanes {
  const lanes = Array.from({ length: WIDTH }, () => ({ files: [] as string[], length: 0 }));
  for (const file of files) {
    const shortest = lanes.reduce((one, other) => other.length < one.length ? other : one);
    shortest.files.push(file);
    shortest.length += TAKES_AS_LONG_AS[basename(file)] ?? 1;
  }
  return lanes.map(({ files }) => files);
}

/** @returns The tests that need the machine, with those for balance, and the others. */
async function split(root: string): Promise<[string[], string[]]> {
  const machine: string[] = [];
  const programs: string[] = [];
  for (const path of await testFiles(root, "tests/e2e")) {
    const text = await Deno.readTextFile(`${root}${path}`);
    const isForMachine = NEEDS_THE_MACHINE.test(text) || FOR_BALANCE.includes(basename(path));
    (isForMachine ? machine : programs).push(path);
  }
  return [machine, programs];
}

/** @returns Paths, seen from `root`, of all files with tests in `directory` and below. */
async function testFiles(root: string, directory: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${root}${directory}`)) {
    const path = `${directory}/${name}`;
    if (isDirectory) paths.push(...await testFiles(root, path));
    else if (name.endsWith("_test.ts")) paths.push(path);
  }
  return paths.toSorted();
}

async function foldersWithTests(directory: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    if (isDirectory && await hasTests(`${directory}/${name}`)) names.push(name);
  }
  return names.toSorted();
}

async function hasTests(directory: string): Promise<boolean> {
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    if (name.endsWith("_test.ts")) return true;
    if (isDirectory && await hasTests(`${directory}/${name}`)) return true;
  }
  return false;
}
