import { capture } from "../lib/command.ts";

/** At which layer a proxy works; compared are those that do the same. */
export type Layer = "http" | "tcp";

/** A program that does the same job: one listener, one backend, one worker. */
export interface Peer {
  /** For `--only`. */
  id: string;
  name: string;
  layer: Layer;
  program: string;
  /** Prints its version. */
  versionArgs: readonly string[];
  configFile: string;
  config(port: number, backendPort: number): string;
  /** @param directory Holds the configuration file and everything that it writes. */
  args(directory: string): string[];
  env(directory: string): Record<string, string>;
}

/** Where nginx keeps what it cannot do without; relative to the prefix. */
const NGINX_TEMPORARY = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
  .map((what) => `${what}_temp_path tmp-${what};`).join(" ");

/** An nginx with one worker that writes no log; `http` goes into its block of that name. */
export function nginxConfig({ pidFile, http }: { pidFile: string; http: string }): string {
  const user = Deno.uid() === 0 ? "user root;" : "";
  return `${user} worker_processes 1; daemon off; error_log /dev/null; pid ${pidFile};
events { worker_connections 4096; }
http { access_log off; keepalive_requests 1000000000; ${NGINX_TEMPORARY}
${http}
}
`;
}

/** What liveroll tells the backend about the client; the peers have to do the same work. */
const NGINX_FORWARDING = `proxy_set_header Host $http_host;
proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Host $http_host;
proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Forwarded-Port $server_port;
proxy_set_header X-Real-Ip $remote_addr;`;

const HAPROXY_FORWARDING = `  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Port %[dst_port]
  http-request set-header X-Real-Ip %[src]
`;

/**
 * Bodies are streamed both ways and never go through a file, as in the others. With its own default
 * buffers, which are smaller, it would need three times the processor time for large answers.
 */
function nginxProxy(port: number, backendPort: number): string {
  const http = `client_max_body_size 0; proxy_request_buffering off; proxy_max_temp_file_size 0;
proxy_buffer_size 16k; proxy_buffers 16 32k; proxy_busy_buffers_size 128k;
client_body_buffer_size 64k;
upstream b { server 127.0.0.1:${backendPort}; keepalive 1024; keepalive_requests 1000000000; }
server { listen 127.0.0.1:${port} backlog=4096; proxy_http_version 1.1;
location / { proxy_pass http://b; proxy_set_header Connection ""; ${NGINX_FORWARDING} }
location /ws { proxy_pass http://b; proxy_set_header Upgrade $http_upgrade;
proxy_set_header Connection upgrade; ${NGINX_FORWARDING} } }`;
  return nginxConfig({ pidFile: "nginx.pid", http });
}

function haproxy(mode: Layer, port: number, backendPort: number): string {
  return `global
  nbthread 1
  maxconn 4096
  tune.bufsize 65536
defaults
  mode ${mode}
  timeout client 30s
  timeout server 30s
  timeout connect 5s
${mode === "http" ? "  timeout tunnel 30s\n  http-reuse always\n" : ""}listen l
  bind 127.0.0.1:${port} backlog 4096
${mode === "http" ? HAPROXY_FORWARDING : ""}  server a 127.0.0.1:${backendPort}
`;
}

function caddyfile(port: number, backendPort: number): string {
  return `{
 admin off
 auto_https off
}
http://127.0.0.1:${port} {
 bind 127.0.0.1
 reverse_proxy 127.0.0.1:${backendPort} {
  transport http {
   keepalive_idle_conns 1024
   keepalive_idle_conns_per_host 1024
  }
 }
}
`;
}

const HAPROXY: Omit<Peer, "id" | "name" | "layer" | "configFile" | "config" | "args"> = {
  program: "haproxy",
  versionArgs: ["-v"],
  env: () => ({}),
};

/** The peers, in the order of the tables. */
export const PEERS: readonly Peer[] = [
  {
    id: "nginx",
    name: "nginx",
    layer: "http",
    program: "nginx",
    versionArgs: ["-v"],
    configFile: "nginx.conf",
    config: nginxProxy,
    args: (directory) => ["-p", directory, "-e", "/dev/null", "-c", `${directory}/nginx.conf`],
    env: () => ({}),
  },
  {
    ...HAPROXY,
    id: "haproxy",
    name: "HAProxy",
    layer: "http",
    configFile: "haproxy-http.cfg",
    config: (port, backendPort) => haproxy("http", port, backendPort),
    args: (directory) => ["-db", "-f", `${directory}/haproxy-http.cfg`],
  },
  {
    id: "caddy",
    name: "Caddy",
    layer: "http",
    program: "caddy",
    versionArgs: ["version"],
    configFile: "Caddyfile",
    config: caddyfile,
    args: (directory) =>
      ["run", "--config", `${directory}/Caddyfile`].concat("--adapter", "caddyfile"),
    env: (directory) => ({
      GOMAXPROCS: "1",
      HOME: directory,
      XDG_CONFIG_HOME: directory,
      XDG_DATA_HOME: directory,
    }),
  },
  {
    ...HAPROXY,
    id: "haproxy-tcp",
    name: "HAProxy tcp",
    layer: "tcp",
    configFile: "haproxy-tcp.cfg",
    config: (port, backendPort) => haproxy("tcp", port, backendPort),
    args: (directory) => ["-db", "-f", `${directory}/haproxy-tcp.cfg`],
  },
];

/** What others of the same layer are compared with; `direct` with that of `http`. */
export const REFERENCES: Readonly<Record<Layer, string>> = { http: "nginx", tcp: "haproxy-tcp" };

/** The version that a program says it has; null when it cannot be run. */
export async function programVersion(
  program: string,
  args: readonly string[],
): Promise<string | null> {
  const { code, stdout, stderr } = await capture(program, args);
  if (code === 127) return null;
  return /\d+(\.\d+)+\S*/.exec(stdout + stderr)?.[0] ?? "unknown";
}
