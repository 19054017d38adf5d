import { Buffer } from "node:buffer";
import { loadPackageDefinition, Server, ServerCredentials } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

const PROTO = new URL("../fixtures/grpc/registry.proto", import.meta.url).pathname;

/** What a method was given. */
interface Call {
  readonly request: Record<string, unknown>;
}

type Callback = (error: { code: number; details: string } | null, answer?: unknown) => void;

interface Definition {
  readonly dewy: {
    readonly RegistryService: { readonly service: Parameters<Server["addService"]>[0] };
  };
}

/** A registry that speaks gRPC as everybody does, not by our own code. */
export class GrpcServer implements AsyncDisposable {
  readonly requests: Record<string, unknown>[] = [];
  current: Record<string, unknown> = {};
  failure: { code: number; details: string } | null = null;
  readonly #server: Server;
  readonly port: number;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  /** @param tls Key and certificate, as PEM; left out: without TLS. */
  static async start(tls?: { key: string; cert: string }): Promise<GrpcServer> {
    const loaded = loadPackageDefinition(loadSync(PROTO, { keepCase: true }));
    const { service } = (loaded as unknown as Definition).dewy.RegistryService;
    const server = new Server();
    let double: GrpcServer | null = null;
    const answer = (name: string, result: () => unknown) => (call: Call, callback: Callback) => {
      double?.requests.push({ name, ...call.request });
      if (double?.failure) callback(double.failure);
      else callback(null, result());
    };
    server.addService(service, {
      Current: answer("Current", () => double?.current),
      Report: answer("Report", () => ({})),
    });
    const port = await bind(server, tls);
    return double = new GrpcServer(server, port);
  }

  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve()));
  }
}

function bind(server: Server, tls?: { key: string; cert: string }): Promise<number> {
  const credentials = tls === undefined
    ? ServerCredentials.createInsecure()
    : ServerCredentials.createSsl(null, [{
      private_key: Buffer.from(tls.key),
      cert_chain: Buffer.from(tls.cert),
    }]);
  return new Promise((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", credentials, (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    })
  );
}
