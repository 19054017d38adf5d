/**
 * A server that any later version of it replaces without refusing or breaking a request.
 *
 *     deno run -A docs/examples/handover.ts /tmp/hello 8080 v1
 *     deno run -A docs/examples/handover.ts /tmp/hello 8080 v2    # the first one ends
 *
 * @module
 */
import { serveHttp, upgrader } from "../../src/handover/mod.ts";

const [dir = "/tmp/hello", port = "8080", version = `v${Deno.pid}`] = Deno.args;

const up = await upgrader({ dir, id: version });
const listener = await up.listen("http", { hostname: "127.0.0.1", port: Number(port) });
const server = serveHttp(listener, (_request, response) => response.end(`hello from ${version}\n`));

// Whatever takes long and can go wrong belongs here: the old version still serves.
await up.ready();
console.log(`${version} serves on port ${listener.port}`);

Deno.addSignalListener("SIGTERM", () => void up.stop());
const end = await up.complete;
const cut = await server.drain({ limitMs: 20_000 });
console.log(`${version} ends (${end}), ${cut} connections were cut`);
Deno.exit(0);
