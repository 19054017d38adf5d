import { createGitHub } from "../../../../src/source/github/create_github.ts";
import type { GitHubRegistry } from "../../../../src/source/github/github_registry.ts";
import type { GitHubDouble } from "../../../helpers/github_double.ts";

/** When everything in these tests began. */
export const START = Date.parse("2026-03-01T00:00:00Z");

/** A registry that asks `double`. */
export function registryOf(
  double: GitHubDouble,
  env: Record<string, string> = {},
  date: () => number = () => START,
): GitHubRegistry {
  return createGitHub(
    { owner: "owner", repo: "app" },
    { GITHUB_API_URL: double.url, ...env },
    date,
  );
}
