import { ArtifactRefusedError } from "./refused.ts";

const SHOWN_CHARACTERS = 400;

/** Of `cosign verify`: no signature, no such tag, none that matches, none with a certificate. */
const REFUSALS: readonly number[] = [10, 11, 12, 13];

/** A question over the network that brought no answer, in the words of Go and of registries. */
const ASKED_IN_VAIN = /\b(?:get|head|post) "?https?:\/\//i;

/**
 * What it means that cosign failed: the artifact is refused, unless it could not be looked at. Most
 * ends of cosign have the same exit code, so its words count.
 */
export function cosignFailure(
  what: string,
  { code, stderr }: Pick<Deno.CommandOutput, "code" | "stderr">,
): Error {
  const text = new TextDecoder().decode(stderr).trim();
  const words = lastWords(text);
  if (!REFUSALS.includes(code) && ASKED_IN_VAIN.test(text)) {
    return new Error(`Cannot check ${what}: cosign could not ask: ${words}`);
  }
  return new ArtifactRefusedError("signature", `Cannot use ${what}: cosign says: ${words}`);
}

/** It says everything twice, after warnings of several lines. */
function lastWords(text: string): string {
  const [, error] = /^(?:.*: )?error during command execution: ([^]*)$/m.exec(text) ?? [];
  return error?.slice(0, SHOWN_CHARACTERS) ?? text.slice(-SHOWN_CHARACTERS);
}
