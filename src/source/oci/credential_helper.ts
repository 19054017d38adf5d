import { RegistryError } from "../registry.ts";
import type { Login } from "./login.ts";

/** A helper may ask a server, but no user. */
const ANSWER_MS = 10_000;

/** More than any login has. */
const MAX_BYTES = 64 * 1024;

/** The user's name of what is no password. */
const IDENTITY = "<token>";

/**
 * Asks the program `docker-credential-NAME` for the login to `server`; null: it has none.
 *
 * @throws {RegistryError} When it cannot be asked, without what it said: that may be secret.
 * @throws The reason of `signal`, when it aborts.
 */
export async function askCredentialHelper(
  name: string,
  server: string,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Login | null> {
  const program = `docker-credential-${name}`;
  if (!/^[\w.-]+$/.test(name)) {
    throw failure(JSON.stringify(program), "that is no name of a program");
  }
  const { success, output } = await run(program, server, env, signal);
  if (!success) {
    if (/credentials not found/i.test(output)) return null;
    throw failure(program, "it failed");
  }
  return readAnswer(program, output);
}

async function run(
  program: string,
  server: string,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<{ success: boolean; output: string }> {
  signal.throwIfAborted();
  const late = AbortSignal.timeout(ANSWER_MS);
  const end = AbortSignal.any([signal, late]);
  try {
    const child = start(program, env, end);
    const [output, { success }] = await Promise.all([
      readOutput(child.stdout, end),
      child.status,
      tell(child.stdin, server),
    ]);
    signal.throwIfAborted();
    if (late.aborted) throw failure(program, `no answer in ${ANSWER_MS / 1000} s`);
    return { success, output };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof RegistryError) throw error;
    const isMissing = error instanceof Deno.errors.NotFound;
    throw failure(program, isMissing ? "it is not installed" : "it cannot be started");
  }
}

function start(
  program: string,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Deno.ChildProcess {
  return new Deno.Command(program, {
    args: ["get"],
    env,
    clearEnv: true,
    signal,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
}

/** One that does not listen may still answer. */
async function tell(stdin: WritableStream<Uint8Array>, server: string): Promise<void> {
  try {
    const writer = stdin.getWriter();
    await writer.write(new TextEncoder().encode(server));
    await writer.close();
  } catch {
    await stdin.abort().catch(() => {});
  }
}

async function readOutput(
  stdout: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): Promise<string> {
  const reader = stdout.getReader();
  const decoder = new TextDecoder();
  // Whatever the program has started may hold the pipe open.
  const stop = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", stop, { once: true });
  let text = "";
  try {
    for (let part = await reader.read(); part.value; part = await reader.read()) {
      // What is beyond is read, too, but not kept: a full pipe would stop the program.
      if (text.length < MAX_BYTES) text += decoder.decode(part.value, { stream: true });
    }
    return text;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function readAnswer(program: string, output: string): Login {
  try {
    const { Username: user, Secret: secret } = JSON.parse(output);
    if (typeof user === "string" && typeof secret === "string" && secret !== "") {
      if (user === IDENTITY) return { kind: "identity", token: secret };
      return { kind: "password", user, password: secret };
    }
  } catch {
    // What the parser says of it would quote it.
  }
  throw failure(program, "what it answered is no login");
}

function failure(program: string, why: string): RegistryError {
  return new RegistryError("unauthorized", `Cannot ask ${program} for a login: ${why}`);
}
