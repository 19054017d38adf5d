/** Arguments for runs of `deno test` that go on at the same time. */
export type Lanes = readonly (readonly string[])[];

/** What makes a test the only one of its kind at a time: it looks at the whole machine. */
const NEEDS_THE_MACHINE = /helpers\/(docker|nspawn|small_disk|podman)\.ts/;

/** Long ones that would make the other lane the longer one. */
const FOR_BALANCE: readonly string[] = ["hundred_rolls_test.ts", "journal_crash_test.ts"];

/** Folders whose tests do not start programs; they come first, since they fail first. */
const FAST: readonly string[] = ["unit", "platform"];

/**
 * All tests below `root`/tests, in stages: the fast ones, then two lanes of those that start real
 * programs and mostly wait. What starts engines, containers or mounts is in one of them: such tests
 * look at what is left on the machine.
 */
export async function allTests(root: string): Promise<readonly Lanes[]> {
  const folders = await foldersWithTests(`${root}tests`);
  const fast = folders.filter((name) => FAST.includes(name)).map((name) => `tests/${name}`);
  const slow = folders.filter((name) => !FAST.includes(name) && name !== "e2e")
    .map((name) => `tests/${name}`);
  const [machine, programs] = await split(`${root}tests/e2e`);
  const lanes = [programs, [...machine, ...slow]].filter((lane) => lane.length > 0);
  return [[fast], lanes].filter(([first]) => first !== undefined && first.length > 0);
}

/** @returns The tests that need the machine, with those for balance, and the others. */
async function split(directory: string): Promise<[string[], string[]]> {
  const machine: string[] = [];
  const programs: string[] = [];
  for (const name of await testFiles(directory)) {
    const text = await Deno.readTextFile(`${directory}/${name}`);
    const isForMachine = NEEDS_THE_MACHINE.test(text) || FOR_BALANCE.includes(name);
    (isForMachine ? machine : programs).push(`tests/e2e/${name}`);
  }
  return [machine, programs];
}

async function testFiles(directory: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isFile } of Deno.readDir(directory)) {
    if (isFile && name.endsWith("_test.ts")) names.push(name);
  }
  return names.toSorted();
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
