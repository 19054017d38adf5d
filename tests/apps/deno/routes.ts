import type { Behaviour } from "../behaviour.ts";

/** What the handlers need to know. */
export interface Toy {
  version: string;
  dir: string;
  behaviour: Behaviour;
}

type Route = (request: Request, url: URL, toy: Toy) => Response | Promise<Response>;

const ROUTES: Record<string, Route> = {
  "/": (_request, _url, toy) => new Response(toy.version),
  "/healthz": answerHealth,
  "/probes": () => Response.json(probes),
  "/slow": slow,
  "/latch": latch,
  "/sse": serverSentEvents,
  "/stream": streamBytes,
  "/upload": upload,
  "/ws": echo,
  "/pid": () => new Response(`${Deno.pid}`),
  "/headers": (request) =>
    Response.json({ method: request.method, url: request.url, headers: [...request.headers] }),
  "/env": () => Response.json(Deno.env.toObject()),
  "/args": () => Response.json(Deno.args),
  "/crash": (_request, url) => Deno.exit(Number(url.searchParams.get("code") ?? "1")),
  "/tally": tally,
};

const probes = { count: 0, url: "", host: "" };

/** The request handler of one server; every answer names the version and echoes `x-nonce`. */
export function createHandler(toy: Toy): (request: Request) => Promise<Response> {
  return async (request) => {
    const nonce = request.headers.get("x-nonce");
    const url = new URL(request.url);
    const route = ROUTES[url.pathname];
    const response = route
      ? await route(request, url, toy)
      : new Response("not found", { status: 404 });
    if (response.status === 101) return response;
    response.headers.set("x-version", toy.version);
    if (nonce !== null) response.headers.set("x-nonce", nonce);
    return response;
  };
}

function answerHealth(request: Request, url: URL, toy: Toy): Response | Promise<Response> {
  const health = toy.behaviour.health ?? {};
  probes.count++;
  probes.url = url.pathname + url.search;
  probes.host = request.headers.get("host") ?? "";
  const hangFirst = health.hangFirst ?? 0;
  if (hangFirst < 0 || probes.count <= hangFirst) return new Promise(() => {});
  if (probes.count <= (health.failFirst ?? 0)) return new Response("not yet", { status: 500 });
  if (health.onlyHost && probes.host !== health.onlyHost) {
    return new Response("wrong host", { status: 421 });
  }
  if (health.redirectTo) {
    return new Response(null, { status: 302, headers: { location: health.redirectTo } });
  }
  if (health.exitAfterMs !== undefined) setTimeout(() => Deno.exit(1), health.exitAfterMs);
  const status = health.status ?? 200;
  return new Response(status === 204 ? null : "health", { status });
}

async function slow(_request: Request, url: URL, toy: Toy): Promise<Response> {
  await new Promise((resolve) => setTimeout(resolve, Number(url.searchParams.get("ms"))));
  return new Response(toy.version);
}

// The test listens on `port`: a connection tells it that the request is here, a byte lets it go on.
async function announce(url: URL, toy: Toy): Promise<Deno.Conn> {
  const port = Number(url.searchParams.get("port"));
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(new TextEncoder().encode(`${toy.version} ${Deno.pid}\n`));
  return conn;
}

async function latch(_request: Request, url: URL, toy: Toy): Promise<Response> {
  const conn = await announce(url, toy);
  const released = conn.read(new Uint8Array(1)).catch(() => null).finally(() => conn.close());
  if (!url.searchParams.has("head")) {
    await released;
    return new Response(toy.version);
  }
  return new Response(
    new ReadableStream({
      async start(controller) {
        controller.enqueue(new TextEncoder().encode("begun "));
        await released;
        controller.enqueue(new TextEncoder().encode(toy.version));
        controller.close();
      },
    }),
  );
}

// Without an end of its own; with `port` (see `latch`), it ends when it is released.
async function serverSentEvents(_request: Request, url: URL, toy: Toy): Promise<Response> {
  const everyMs = Number(url.searchParams.get("every") ?? "50");
  const conn = url.searchParams.has("port") ? await announce(url, toy) : null;
  let timer: ReturnType<typeof setInterval>;
  let count = 0;
  const body = new ReadableStream({
    start(controller) {
      const send = () =>
        controller.enqueue(new TextEncoder().encode(`data: ${toy.version} ${count++}\n\n`));
      send();
      timer = setInterval(send, everyMs);
      conn?.read(new Uint8Array(1)).catch(() => null).finally(() => {
        clearInterval(timer);
        conn.close();
        controller.close();
      });
    },
    cancel: () => clearInterval(timer),
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

// Byte i of the body is i mod 251, so that a reader can check every one of them.
function streamBytes(_request: Request, url: URL): Response {
  const total = Number(url.searchParams.get("bytes"));
  const pauseMs = Number(url.searchParams.get("pause") ?? "0");
  let sent = 0;
  const body = new ReadableStream({
    async pull(controller) {
      if (sent >= total) return controller.close();
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      const chunk = Uint8Array.from(
        { length: Math.min(16_384, total - sent) },
        (_, i) => (sent + i) % 251,
      );
      sent += chunk.length;
      controller.enqueue(chunk);
    },
  });
  const headers: Record<string, string> = url.searchParams.has("chunked")
    ? {}
    : { "content-length": `${total}` };
  return new Response(body, { headers });
}

// With `port`, the test is told (see `latch`) that the upload has begun.
async function upload(request: Request, url: URL, toy: Toy): Promise<Response> {
  if (url.searchParams.has("port")) (await announce(url, toy)).close();
  const body = new Uint8Array(await request.arrayBuffer());
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
  return Response.json({ version: toy.version, bytes: body.length, sha256: digest.toHex() });
}

function echo(request: Request, _url: URL, toy: Toy): Response {
  const protocol = request.headers.get("sec-websocket-protocol")?.split(",")[0]?.trim();
  const { socket, response } = Deno.upgradeWebSocket(request, protocol ? { protocol } : {});
  socket.onopen = () => socket.send(`hello from ${toy.version}`);
  socket.onmessage = ({ data }) =>
    data === "close" ? socket.close(4001, "as you wish") : socket.send(data);
  return response;
}

// Counts requests in a file, so that a test sees one that arrived twice, in whatever process.
async function tally(request: Request, url: URL, toy: Toy): Promise<Response> {
  await request.arrayBuffer();
  const file = `${toy.dir}/tally-${url.searchParams.get("name")}`;
  Deno.writeTextFileSync(file, `${toy.version}\n`, { append: true });
  if (url.searchParams.has("crash")) Deno.exit(1);
  return new Response(toy.version);
}
