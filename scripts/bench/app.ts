// A small web server without imports: the child in measurements of rolls, and the backend where
// there is no nginx. It starts as fast as Deno does and does nothing else.
const body = `${Deno.env.get("BENCH_BODY") ?? "hello"}\n`;
const server = Deno.serve(
  { hostname: "127.0.0.1", port: Number(Deno.env.get("PORT")), onListen() {} },
  () => new Response(body),
);
Deno.addSignalListener("SIGTERM", () => void server.shutdown().then(() => Deno.exit(0)));
