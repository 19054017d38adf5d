// A program that any later version of it, or of the other one, can replace: node:http.
import { serveHttp } from "../../../src/handover/mod.ts";
import { live } from "./plan.ts";

await live((listener, id) => {
  const server = serveHttp(listener, (request, response) => {
    response.setHeader("x-version", id);
    response.setHeader("x-nonce", request.headers["x-nonce"] ?? "");
    if (request.url === "/environment") response.end(JSON.stringify(Deno.env.toObject()));
    else if (request.url === "/child") response.end(filesOfChild());
    else response.end(id);
  });
  return { drain: () => server.drain({ idleMs: 500 }) };
});

/** What a child finds open besides its own three. */
function filesOfChild(): string {
  const { stdout } = new Deno.Command("sh", {
    args: ["-c", "for fd in /proc/$$/fd/*; do echo ${fd##*/} $(readlink $fd); done"],
    stdin: "null",
  }).outputSync();
  return new TextDecoder().decode(stdout);
}
