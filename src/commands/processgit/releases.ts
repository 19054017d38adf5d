import { quote } from "../../values/kinds.ts";

const ISSUER = "https://token.actions.githubusercontent.com";

/**
 * Where the images of a repository on GitHub are, and who signs them: the workflow that publishes
 * them, run for the tag of the release.
 *
 * @param isSigned The operator says who signs.
 * @throws {SyntaxError} When it is no repository.
 */
export function imagesOf(repo: string, isSigned: boolean): readonly string[] {
  if (!/^[A-Za-z0-9-]+\/[\w.-]+$/.test(repo)) {
    throw new SyntaxError(`${quote(repo)} is not OWNER/NAME, give for example me/ProcessGit`);
  }
  const registry = `--registry=img://ghcr.io/${repo.toLowerCase()}`;
  if (isSigned) return [registry];
  const workflow = `https://github.com/${repo}/.github/workflows/release.yml`;
  return [
    registry,
    `--cosign-identity=${workflow}@refs/tags/v{{tag}}`,
    `--cosign-issuer=${ISSUER}`,
  ];
}
