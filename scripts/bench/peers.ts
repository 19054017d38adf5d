import { capture } from "../lib/command.ts";

/** A program that does the same job: one listener, one backend, one worker. */
export interface Peer {
  name: string;
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

/** An nginx with one worker and nothing written to disk. */
export function nginxConfig(pidFile: string, http: string): string {
  return `worker_processes 1; daemon off; error_log /dev/null; pid ${pidFile};
events { worker_connections 4096; }
http { access_log off; keepalive_requests 1000000000; ${NGINX_TEMPORARY}
${http}
}
`;
}

/** The peers, in the order of the tables; the first one is what others are compared with. */
export const PEERS: readonly Peer[] = [
  {
    name: "nginx",
    program: "nginx",
    versionArgs: ["-v"],
    configFile: "nginx.conf",
    config: (port, backendPort) =>
      nginxConfig(
        "nginx.pid",
        `upstream b { server 127.0.0.1:${backendPort}; keepalive 256; keepalive_requests 1000000000; }
server { listen 127.0.0.1:${port} backlog=4096; location / {
proxy_pass http://b; proxy_http_version 1.1; proxy_set_header Connection ""; } }`,
      ),
    args: (directory) => ["-p", directory, "-e", "/dev/null", "-c", `${directory}/nginx.conf`],
    env: () => ({}),
  },
  {
    name: "HAProxy",
    program: "haproxy",
    versionArgs: ["-v"],
    configFile: "haproxy.cfg",
    config: (port, backendPort) =>
      `global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout client 30s
  timeout server 30s
  timeout connect 5s
  http-reuse always
listen l
  bind 127.0.0.1:${port} backlog 4096
  server a 127.0.0.1:${backendPort}
`,
    args: (directory) => ["-db", "-f", `${directory}/haproxy.cfg`],
    env: () => ({}),
  },
  {
    name: "Caddy",
    program: "caddy",
    versionArgs: ["version"],
    configFile: "Caddyfile",
    config: (port, backendPort) =>
      `{
 admin off
 auto_https off
}
http://127.0.0.1:${port} {
 bind 127.0.0.1
 reverse_proxy 127.0.0.1:${backendPort} {
  transport http {
   keepalive_idle_conns 256
   keepalive_idle_conns_per_host 256
  }
 }
}
`,
    args: (directory) => [
      "run",
      "--config",
      `${directory}/Caddyfile`,
      "--adapter",
      "caddyfile",
    ],
    env: (directory) => ({
      GOMAXPROCS: "1",
      HOME: directory,
      XDG_CONFIG_HOME: directory,
      XDG_DATA_HOME: directory,
    }),
  },
];

/** The version that a program says it has; null when it cannot be run. */
export async function programVersion(
  program: string,
  args: readonly string[],
): Promise<string | null> {
  const { code, stdout, stderr } = await capture(program, args);
  if (code === 127) return null;
  return /\d+(\.\d+)+\S*/.exec(stdout + stderr)?.[0] ?? "unknown";
}
