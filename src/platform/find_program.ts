/**
 * Finds a program as a shell does.
 *
 * @param path The variable `PATH`; relative directories in it do not count.
 * @returns Its absolute path; null: there is none that may be executed.
 */
export async function findProgram(name: string, path: string | undefined): Promise<string | null> {
  for (const directory of (path ?? "").split(":")) {
    if (!directory.startsWith("/")) continue;
    const candidate = `${directory}/${name}`;
    const info = await Deno.stat(candidate).catch(() => null);
    if (info?.isFile && ((info.mode ?? 0) & 0o111) !== 0) return candidate;
  }
  return null;
}
