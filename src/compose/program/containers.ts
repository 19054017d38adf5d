import { type Call, callOrThrow } from "./call.ts";

/** Finds containers, running or not, that have all of these labels; tells their full ids. */
export type FindContainers = (
  labels: Readonly<Record<string, string>>,
) => string[] | Promise<string[]>;

/**
 * {@linkcode FindContainers} by the program `docker`.
 *
 * @throws {ComposeError} When it fails.
 */
export async function containersByLabel(
  { labels, ...call }: Call & { readonly labels: Readonly<Record<string, string>> },
): Promise<string[]> {
  const filters = Object.entries(labels)
    .flatMap(([name, value]) => ["--filter", `label=${name}=${value}`]);
  const words = ["docker", "ps", "--all", "--quiet", "--no-trunc", ...filters];
  const { stdout } = await callOrThrow({ ...call, words, isCaptured: true });
  return stdout.split("\n").filter((id) => id !== "");
}
