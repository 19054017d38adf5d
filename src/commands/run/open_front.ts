import type { Config } from "../../config/config.ts";
import { cidrContains } from "../../platform/cidr.ts";
import { getLog } from "../../platform/log.ts";
import { Proxy } from "../../proxy/proxy.ts";
import type { Files } from "./files.ts";
import { type Front, noFront } from "./front.ts";
import { ProxyErrors } from "./proxy_errors.ts";
import type { PublicSockets } from "./public_sockets.ts";

/** An address cannot be had. */
export class PortTakenError extends Error {
  override readonly name = "PortTakenError";
}

/** What the front of an application is opened with. */
export interface FrontOptions {
  files: Pick<Files, "certificate" | "accessLog">;
  /** Null: they are simply opened. */
  sockets: Pick<PublicSockets, "listeners"> | null;
}

/**
 * Listens on the public addresses; nobody does where there are none, or children do themselves.
 *
 * @throws {PortTakenError} When an address cannot be had.
 */
export function openFront(config: Config, { files, sockets }: FrontOptions): Front {
  const { certificate, accessLog } = files;
  const { trustedProxies, ports: [first, ...morePorts], engine } = config;
  if (first === undefined || engine === "direct") return noFront();
  try {
    return Proxy.start({
      ...config,
      engine,
      hostname: config.host,
      port: first.listen,
      healthPath: healthPathOf(config),
      portMapping: first.backend,
      morePorts,
      sockets: sockets && sockets.listeners,
      certificate: certificate && certificate.current,
      accessLog,
      isTrusted: (ip) => trustedProxies.some((block) => cidrContains(block, ip)),
      onError: new ProxyErrors(getLog("proxy")).report,
    });
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new PortTakenError(`Cannot listen on ${publicAddresses(config)}: ${detail}`, { cause });
  }
}

/** What we answer ourselves while requests are held; what is a file stays one. */
function healthPathOf({ subject, healthcheck }: Config): string | null {
  return subject === "program" && healthcheck.kind === "http" ? healthcheck.path : null;
}

/** Where requests come in, for people. */
export function publicAddresses({ host, ports }: Pick<Config, "host" | "ports">): string {
  return ports.map(({ listen }) => `${host}:${listen}`).join(" and ");
}
