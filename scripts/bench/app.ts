// A small web server without imports: the child in measurements of rolls, and the backend where
// there is no nginx. It starts as fast as Deno does and does nothing else.
const body = Deno.env.get("BENCH_BODY") ?? "hello\n";
const sizes: Record<string, number | undefined> = { "/64k": 65_536, "/10m": 10_485_760 };

async function answer(request: Request): Promise<Response> {
  if (request.body !== null) { for await (const _ of request.body); }
  const size = sizes[new URL(request.url).pathname];
  return new Response(size === undefined ? body : new Uint8Array(size));
}

const server = Deno.serve(
  { hostname: "127.0.0.1", port: Number(Deno.env.get("PORT")), onListen() {} },
  answer,
);
Deno.addSignalListener("SIGTERM", () => void server.shutdown().then(() => Deno.exit(0)));
