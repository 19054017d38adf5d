import type { EngineOptions, PortMapping } from "../engine.ts";
import type { Acceptor, Network } from "../net/stream.ts";

/** A public port that is bound, and what stands behind it. */
export interface Mapped {
  readonly acceptor: Acceptor;
  readonly mapping: PortMapping["backend"];
}

/**
 * Binds every public port, the first one first.
 *
 * @throws {Deno.errors.AddrInUse} And the other errors of listening; none is bound then.
 */
export function listenAll(
  options: EngineOptions,
  network: Network,
): [Mapped, ...Mapped[]] {
  const { hostname, port, portMapping, morePorts, certificate } = options;
  // Nobody here knows what the backends speak.
  const protocols: string[] = [];
  const hasPrelude = (ip: string) => options.proxyProtocol && options.isTrusted(ip);
  const listen = ({ listen, backend }: PortMapping): Mapped => ({
    acceptor: network.listen({ hostname, port: listen, certificate, protocols, hasPrelude }),
    mapping: backend,
  });
  const bound: [Mapped, ...Mapped[]] = [listen({ listen: port, backend: portMapping })];
  try {
    for (const mapping of morePorts) bound.push(listen(mapping));
  } catch (error) {
    for (const { acceptor } of bound) acceptor.close();
    throw error;
  }
  return bound;
}
