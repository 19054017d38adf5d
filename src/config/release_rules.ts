import { readRules } from "../source/choice/rules.ts";
import { type Draft, isAskedFor, problemWith } from "./draft.ts";
import type { Problem } from "./given.ts";
import type { Flag } from "./options.ts";
import { RELEASES } from "./table/releases.ts";

const OF_COMMANDS: readonly Flag[] = ["pull", "id", "pull-timeout", "id-timeout"];

/** What the registry's own rules have to say. */
function ruleProblems(draft: Draft): Problem[] {
  const { registry, calver } = draft.values;
  if (!registry) return [];
  try {
    readRules({ ...registry.wish, calver: calver ?? registry.wish.calver });
    return [];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return [problemWith(draft, "registry", error.message)];
  }
}

/** Options that go with the other way to get versions. */
export function releaseProblems(draft: Draft): Problem[] {
  if (isAskedFor(draft, "registry")) {
    const rules = ruleProblems(draft);
    return [
      ...rules,
      ...OF_COMMANDS.filter((flag) => isAskedFor(draft, flag)).map((flag) =>
        problemWith(draft, flag, "versions come from --registry, remove one")
      ),
    ];
  }
  const flags = Object.keys(RELEASES) as (keyof typeof RELEASES)[];
  return flags.filter((flag) => flag !== "registry" && isAskedFor(draft, flag)).map((flag) =>
    problemWith(draft, flag, "only for releases, but there is no --registry")
  );
}
