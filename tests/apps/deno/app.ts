// A small versioned HTTP server that misbehaves on demand; see ../behaviour.ts and ./routes.ts.
import type { Behaviour } from "../behaviour.ts";
import { createHandler } from "./routes.ts";

const dir = Deno.env.get("TOY_DIR") ?? ".";
// Baked into an image, or told by liveroll.
const version = Deno.env.get("TOY_VERSION") ?? Deno.env.get("LIVEROLL_ID") ?? "none";
const ownPort = Number(Deno.env.get("PORT") ?? "8000");
const healthPort = Number(Deno.env.get("LIVEROLL_HEALTH_PORT") ?? ownPort);
const host = Deno.env.get("TOY_HOST") ?? "127.0.0.1";
const behaviour = readBehaviour();
const ownEnv = Deno.env.toObject();

flood();
await startOffspring();
await steal();
await sleep(behaviour.startDelayMs);
await crash();
const handler = createHandler({ version, dir, behaviour });
const servers = [behaviour.bindInstead ?? ownPort, ...behaviour.alsoBind ?? []].map((port) =>
  serve(port, handler)
);
if (healthPort !== ownPort) servers.push(serve(healthPort, onlyHealth));
if (behaviour.exitAfterMs !== undefined) setTimeout(() => Deno.exit(0), behaviour.exitAfterMs);
obeyTerm();
console.log(`toy ${version} ready on ${ownPort}`);

function readBehaviour(): Behaviour {
  const baked = Deno.env.get("TOY_BEHAVIOUR");
  if (baked !== undefined) return JSON.parse(baked);
  const name = version.replace(/[^A-Za-z0-9._-]/g, "_");
  try {
    return JSON.parse(Deno.readTextFileSync(`${dir}/behaviour/${name}.json`));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}

function sleep(ms = 0): Promise<void> {
  return ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : Promise.resolve();
}

function flood(): void {
  const { lines, length } = behaviour.flood ?? { lines: 0, length: 0 };
  for (let n = 0; n < lines; n++) console.log(`${n} `.padEnd(length, "x"));
}

async function crash(): Promise<void> {
  if (!behaviour.crash) return;
  for (const line of behaviour.crash.lastWords) console.error(line);
  await sleep(behaviour.crash.afterMs);
  Deno.exit(behaviour.crash.code);
}

async function startOffspring(): Promise<void> {
  if (!behaviour.offspring) return;
  await firstOutput(spawnHolder(["0", "60000"], behaviour.offspring === "session", ownEnv));
}

async function steal(): Promise<void> {
  if (!behaviour.steal) return;
  const { LIVEROLL_INSTANCE: _, ...env } = ownEnv;
  const args = [`${behaviour.steal.port}`, `${behaviour.steal.ms}`];
  await firstOutput(spawnHolder(args, true, { ...env, TOY_STRANGER: "1" }));
}

function spawnHolder(
  args: string[],
  detached: boolean,
  env: Record<string, string>,
): Deno.ChildProcess {
  const script = new URL("./holder.ts", import.meta.url).pathname;
  const command = [Deno.execPath(), "run", "-A", "--no-config", "--no-lock", script, ...args];
  // A stranger is nobody's child: the shell that starts it ends at once.
  const shell = env.TOY_STRANGER ? ['"$@" &', "sh"] : ['exec "$@"', "sh"];
  const child = new Deno.Command("sh", {
    args: ["-c", ...shell, ...command],
    detached,
    env,
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  child.unref();
  return child;
}

async function firstOutput(child: Deno.ChildProcess): Promise<void> {
  const reader = child.stdout.getReader();
  await reader.read();
  reader.cancel();
}

function onlyHealth(request: Request): Response | Promise<Response> {
  const isHealth = new URL(request.url).pathname === "/healthz";
  return isHealth ? handler(request) : new Response("not here", { status: 404 });
}

function serve(port: number, handler: Deno.ServeHandler): Deno.HttpServer {
  return Deno.serve({ port, hostname: host, onListen: () => {} }, handler);
}

function obeyTerm(): void {
  const mode = behaviour.onTerm ?? "drain";
  if (mode === "default") return;
  Deno.addSignalListener("SIGTERM", () => {
    console.log(`toy ${version} got TERM`);
    if (mode === "drain") void drain();
  });
}

async function drain(): Promise<void> {
  await sleep(behaviour.termDelayMs);
  await Promise.all(servers.map((server) => server.shutdown()));
  Deno.exit(0);
}
