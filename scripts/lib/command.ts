/** How a program ended, and what it printed. */
export interface CommandResult {
  ok: boolean;
  code: number;
  stdout: string;
  stderr: string;
}

/** How {@linkcode capture} runs a program. */
export interface CommandOptions {
  cwd?: string;
  /** Added to the inherited environment. */
  env?: Record<string, string>;
  /** Kills the program when it aborts. */
  signal?: AbortSignal;
}

/** Runs a program and collects what it prints. A program that is missing gives code 127. */
export async function capture(
  program: string,
  args: readonly string[] = [],
  options: CommandOptions = {},
): Promise<CommandResult> {
  try {
    const command = new Deno.Command(program, { ...options, args: [...args], stdin: "null" });
    const { code, success, stdout, stderr } = await command.output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { ok: success, code, stdout: text(stdout), stderr: text(stderr) };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { ok: false, code: 127, stdout: "", stderr: `${program} not found` };
  }
}

/**
 * As {@linkcode capture}, and returns what the program printed to its standard output.
 *
 * @throws When the program fails; the message carries what it printed to its standard error.
 */
export async function succeed(
  program: string,
  args: readonly string[] = [],
  options: CommandOptions = {},
): Promise<string> {
  const result = await capture(program, args, options);
  if (!result.ok) {
    const said = (result.stderr.trim() || result.stdout.trim()).slice(-2_000);
    throw new Error(`Cannot run ${program} ${args.join(" ")}: code ${result.code}\n${said}`);
  }
  return result.stdout;
}

/** Whether `program` is an executable file on PATH. */
export function isInstalled(program: string): boolean {
  return (Deno.env.get("PATH") ?? "").split(":").some((directory) =>
    isExecutable(`${directory}/${program}`)
  );
}

function isExecutable(path: string): boolean {
  try {
    const info = Deno.statSync(path);
    return info.isFile && ((info.mode ?? 0) & 0o111) !== 0;
  } catch {
    return false;
  }
}
