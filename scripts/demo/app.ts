// The application of the demo: a small web server whose behaviour depends on its version. It has no
// imports, so that it starts the same way everywhere, and knows of liveroll only what every child
// of it is told: its port and its version.

/** Until it is ready it says so: the gate has something to wait for. */
const WARM_UP_MS = 600;

/** How long `/report` takes: an old version has something to finish. */
const REPORT_LINES = 8;
const REPORT_PAUSE_MS = 75;

const version = Deno.env.get("LIVEROLL_ID") ?? "none";
const port = Number(Deno.env.get("PORT"));
const fault = readFault();
const startedAt = performance.now();

if (fault === "crash") {
  console.error(`${version}: reading settings`);
  console.error(`TypeError: Cannot read properties of undefined (reading 'url')`);
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS / 2));
  Deno.exit(1);
}

const server = Deno.serve({ port, hostname: "127.0.0.1", onListen }, respond);
Deno.addSignalListener("SIGTERM", () => void stop());

// Nothing of the demo outlives it, even if liveroll is killed the hard way.
const parent = Deno.ppid;
setInterval(() => Deno.ppid === parent || Deno.exit(1), 500);

function readFault(): string | null {
  try {
    return Deno.readTextFileSync(`${Deno.env.get("DEMO_DIR")}/faults/${version}`);
  } catch {
    return null;
  }
}

function onListen(): void {
  console.log(`${version} listens on ${port}`);
  if (fault === "sick") console.error(`${version}: the database refuses the password`);
}

async function stop(): Promise<void> {
  await server.shutdown();
  Deno.exit(0);
}

async function respond(request: Request): Promise<Response> {
  switch (new URL(request.url).pathname) {
    case "/healthz":
      return health();
    case "/echo":
      return answer(await request.text());
    case "/report":
      return answer(report());
    default:
      return answer(`hello from ${version}\n`);
  }
}

function answer(body: string | ReadableStream<Uint8Array>): Response {
  return new Response(body, { headers: { "x-version": version } });
}

function health(): Response {
  if (fault === "sick") return new Response("no database\n", { status: 503 });
  const warm = performance.now() - startedAt >= WARM_UP_MS;
  return warm ? new Response("ok\n") : new Response("warming up\n", { status: 503 });
}

/** A body that takes its time. */
function report(): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let line = 0;
  return new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, line === 0 ? 0 : REPORT_PAUSE_MS));
      controller.enqueue(encoder.encode(`line ${++line}\n`));
      if (line === REPORT_LINES) controller.close();
    },
  });
}
