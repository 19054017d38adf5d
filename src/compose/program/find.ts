import { childEnvironment } from "../../platform/environment.ts";
import { call } from "./call.ts";
import { ComposeError } from "./compose_error.ts";

/** Long enough for a slow disk; nothing is asked of the engine. */
const TIMEOUT_MS = 30_000;

/** Since then it knows all that we ask for. */
const OLDEST = [1, 28] as const;

/** A compose that is installed here. */
export interface ComposeVersion {
  /** 2 stands for all that came after 1: they take the same options. */
  readonly major: 1 | 2;
  /** For example `2.40.3`. */
  readonly text: string;
  /** The words that it is called by. */
  readonly words: readonly string[];
}

/** The plugin first: it is the newer one, and what most people type. */
const CANDIDATES: readonly (readonly string[])[] = [["docker", "compose"], ["docker-compose"]];

/**
 * Finds `docker compose` or `docker-compose`.
 *
 * @param env The environment of this process.
 * @throws {ComposeError} When there is neither.
 * @throws {Error} When there is only one that is too old.
 */
export async function findCompose(env: Readonly<Record<string, string>>): Promise<ComposeVersion> {
  const tooOld: string[] = [];
  for (const words of CANDIDATES) {
    const text = await versionOf(words, env);
    if (text === null) continue;
    const [major = 0, minor = 0] = text.split(".").map(Number);
    const isTooOld = major === OLDEST[0] ? minor < OLDEST[1] : major < OLDEST[0];
    if (!isTooOld) return { major: major === 1 ? 1 : 2, text, words };
    tooOld.push(`${words.join(" ")} ${text}`);
  }
  if (tooOld.length === 0) throw new ComposeError("version", "missing");
  throw new Error(
    `Cannot use ${tooOld.join(" and ")}: at least ${OLDEST.join(".")} is needed, better 2`,
  );
}

/** Null: it is not there, or does not say. */
async function versionOf(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string | null> {
  const { code, stdout } = await call({
    words: [...words, "version", "--short"],
    action: "version",
    directory: "/",
    env: childEnvironment(env),
    timeoutMs: TIMEOUT_MS,
    isCaptured: true,
    redact: (text) => text,
  });
  return code === 0 ? /\d+\.\d+(\.\d+)?/.exec(stdout)?.[0] ?? null : null;
}
