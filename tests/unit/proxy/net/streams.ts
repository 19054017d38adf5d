import { denoNetwork } from "../../../../src/proxy/net/deno_network.ts";
import { nodeNetwork } from "../../../../src/proxy/net/node_network.ts";
import type { Certificate } from "../../../../src/proxy/engine.ts";
import type { Acceptor, ByteStream, Network } from "../../../../src/proxy/net/stream.ts";
import { FIRST } from "../../../fixtures/tls/certificates.ts";

/** The networks that all tests run with. */
export const NETWORKS: readonly [string, Network][] = [["Deno", denoNetwork], [
  "Node",
  nodeNetwork,
]];

/** Networks with and without TLS. */
export const LISTENING: readonly [string, Network, Certificate | null][] = NETWORKS.flatMap((
  [name, network],
) => [[name, network, null], [`TLS on ${name}`, network, FIRST]]);

/** Both ends of one connection; `server` is what is tested. */
export interface Ends {
  readonly server: ByteStream;
  readonly client: Deno.Conn;
  close(): Promise<void>;
}

/** Streams that all tests run with. */
export const STREAMS: readonly [string, () => Promise<Ends>][] = LISTENING.map((
  [name, network, certificate],
) => [name, () => connect(network, certificate)]);

async function connect(network: Network, certificate: Certificate | null): Promise<Ends> {
  const acceptor = network.listen({ hostname: "127.0.0.1", port: 0, certificate });
  const [client, accepted] = await Promise.all([dial(acceptor, certificate), acceptor.accept()]);
  const server = accepted.stream;
  const close = async () => {
    acceptor.close();
    closeQuietly(server);
    closeQuietly(client);
    // Sockets of Node give their descriptor back a little later.
    await new Promise((resolve) => setTimeout(resolve, 0));
  };
  return { server, client, close };
}

async function dial({ hostname, port }: Acceptor, tls: Certificate | null): Promise<Deno.Conn> {
  const conn = await connectPlain(hostname, port);
  return tls ? await Deno.startTls(conn, { hostname, caCerts: [tls.cert] }) : conn;
}

/** Connects as soon as somebody listens: a listener of Node binds a little later. */
export async function connectPlain(hostname: string, port: number): Promise<Deno.TcpConn> {
  for (let tries = 100;; tries--) {
    try {
      return await Deno.connect({ hostname, port });
    } catch (error) {
      if (tries === 0 || !(error instanceof Deno.errors.ConnectionRefused)) throw error;
    }
  }
}

/** Closes what may be closed already. */
export function closeQuietly(closable: { close(): void }): void {
  try {
    closable.close();
  } catch {
    // It is closed.
  }
}
