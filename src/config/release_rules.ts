import { readRules } from "../source/choice/rules.ts";
import { type Draft, isAskedFor, isContained, problemWith } from "./draft.ts";
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

/** What only files can have; the rest of the message says why a registry's artifacts have it not. */
const WITHOUT_PROOF: Readonly<Record<string, string>> = {
  grpc: "servers of grpc:// name one file, without checksum and signature",
  oci: "images are fetched by whoever runs them, liveroll does not see their bytes",
};

const SIGNATURES: readonly Flag[] = ["minisign-key", "cosign-key", "cosign-identity"];

/** What would never come true: no version could ever be taken, or nothing would be checked. */
function proofProblems(draft: Draft): Problem[] {
  const why = WITHOUT_PROOF[draft.values.registry?.kind ?? ""];
  if (why === undefined) return [];
  const demands: Flag[] = SIGNATURES.filter((flag) =>
    isAskedFor(draft, flag) && !isOfImages(draft, flag)
  );
  if (draft.values["verify-checksum"] === "required") demands.push("verify-checksum");
  return demands.map((flag) => problemWith(draft, flag, `${why}; remove one`));
}

/** What an image is signed by is checked before it is run. */
function isOfImages(draft: Draft, flag: Flag): boolean {
  return isContained(draft) && flag.startsWith("cosign-");
}

function signerProblems(draft: Draft): Problem[] {
  if (!isAskedFor(draft, "cosign-key") || !isAskedFor(draft, "cosign-identity")) return [];
  return [problemWith(draft, "cosign-identity", "there is --cosign-key, too, remove one")];
}

/** Options that go with the other way to get versions. */
export function releaseProblems(draft: Draft): Problem[] {
  if (isAskedFor(draft, "registry")) {
    const rules = ruleProblems(draft);
    return [
      ...rules,
      ...proofProblems(draft),
      ...signerProblems(draft),
      ...OF_COMMANDS.filter((flag) => isAskedFor(draft, flag)).map((flag) =>
        problemWith(draft, flag, "versions come from --registry, remove one")
      ),
    ];
  }
  const flags = (Object.keys(RELEASES) as (keyof typeof RELEASES)[]).filter((flag) =>
    flag !== "registry" && isAskedFor(draft, flag) && !isOfImages(draft, flag)
  );
  return [
    ...signerProblems(draft),
    ...flags.map((flag) =>
      problemWith(draft, flag, "only for releases, but there is no --registry")
    ),
  ];
}
