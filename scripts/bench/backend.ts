import { isInstalled } from "../lib/command.ts";
import { shellQuote } from "../lib/liveroll_program.ts";
import { nginxConfig } from "./peers.ts";
import { type BackendKind, BODY, LARGE_BODIES, UPLOAD_PATH } from "./scenario.ts";

const APP = new URL("./app.ts", import.meta.url).pathname;
const ECHO = new URL("./echo.ts", import.meta.url).pathname;

/** A program that answers on the port in `PORT`. */
export interface Backend {
  name: string;
  /** For `sh -c`; runs in its directory. */
  command: string;
}

/** Runs the app on the port that it is told. */
export const APP_COMMAND = denoCommand(APP);

/**
 * What stands behind everybody.
 *
 * @param directory For the files that it needs.
 */
export function backendOf(kind: BackendKind, directory: string): Backend {
  if (kind === "echo") return { name: "own echo", command: denoCommand(ECHO) };
  return isInstalled("nginx") ? nginx(directory) : { name: "Deno.serve", command: APP_COMMAND };
}

/** Runs a script of ours, with the shell in its place. */
export function denoCommand(script: string): string {
  return `exec ${shellQuote(Deno.execPath())} run --quiet --no-config --no-prompt --allow-net ` +
    `--allow-env ${shellQuote(script)}`;
}

/**
 * An nginx with one worker that answers from memory and from the page cache. Without `proxy_pass`
 * it would answer an upload before it has read it.
 */
function nginx(directory: string): Backend {
  for (const [path, bytes] of Object.entries(LARGE_BODIES)) {
    Deno.writeFileSync(`${directory}${path}`, new Uint8Array(bytes).fill("x".charCodeAt(0)));
  }
  const config = nginxConfig({
    pidFile: "backend-@PORT@.pid",
    http: `sendfile on; client_max_body_size 0; root ${directory};
upstream self { server unix:${directory}/backend-@PORT@.sock; keepalive 64; }
server { listen unix:${directory}/backend-@PORT@.sock; return 200 "${nginxText(BODY)}"; }
server { listen 127.0.0.1:@PORT@ backlog=4096;
location = / { return 200 "${nginxText(BODY)}"; }
location / { open_file_cache max=8; }
location ${UPLOAD_PATH} { client_body_buffer_size 2m; proxy_pass http://self; proxy_method GET;
proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Content-Length "";
proxy_pass_request_body off; } }`,
  });
  Deno.writeTextFileSync(`${directory}/backend.conf`, config);
  const path = shellQuote(directory);
  const command = 'sed "s/@PORT@/$PORT/g" backend.conf > "backend-$PORT.conf" && ' +
    `rm -f "backend-$PORT.sock" && ` +
    `exec nginx -p ${path} -e /dev/null -c ${path}/"backend-$PORT.conf"`;
  return { name: "nginx", command };
}

function nginxText(text: string): string {
  return text.replaceAll("\n", "\\n");
}
