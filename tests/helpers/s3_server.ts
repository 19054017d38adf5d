import S3rver from "s3rver";

/** The keys that the server knows. */
export const S3_KEYS = { AWS_ACCESS_KEY_ID: "S3RVER", AWS_SECRET_ACCESS_KEY: "S3RVER" };

const BUCKET = "releases";
const REGION = "eu-west-1";

interface Server {
  readonly httpServer: { closeAllConnections(): void };
  run(): Promise<{ readonly port: number }>;
  close(): Promise<void>;
}

/** What the package exports; it has no types of its own. */
const Constructor = S3rver as unknown as new (options: {
  readonly address: string;
  readonly port: number;
  readonly silent: boolean;
  readonly directory: string;
  readonly configureBuckets: readonly { readonly name: string }[];
}) => Server;

/** A server that speaks the protocol of Amazon S3 and keeps its objects in a directory. */
export class S3Server implements AsyncDisposable {
  readonly #server: Server;
  readonly #directory: string;
  readonly endpoint: string;

  private constructor(server: Server, directory: string, port: number) {
    this.#server = server;
    this.#directory = directory;
    this.endpoint = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<S3Server> {
    const directory = await Deno.makeTempDir({ prefix: "liveroll-s3-" });
    const server = new Constructor({
      address: "127.0.0.1",
      port: 0,
      silent: true,
      directory,
      configureBuckets: [{ name: BUCKET }],
    });
    const { port } = await server.run();
    return new S3Server(server, directory, port);
  }

  /** Where releases below `prefix` are. */
  place(prefix: string) {
    return { region: REGION, bucket: BUCKET, prefix, endpoint: this.endpoint };
  }

  /** Puts an object as anybody would. */
  async put(key: string, content: string | Uint8Array<ArrayBuffer>): Promise<void> {
    const response = await fetch(this.#url(key), { method: "PUT", body: content });
    if (!response.ok) throw new Error(`Cannot put ${key}: ${await response.text()}`);
    await response.body?.cancel();
  }

  /** @returns Its content and its type; null: there is no such object. */
  async get(key: string): Promise<{ content: string; type: string | null } | null> {
    const response = await fetch(this.#url(key));
    const content = await response.text();
    return response.ok ? { content, type: response.headers.get("content-type") } : null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#server.close();
    // A client's idle connection would keep it open for minutes.
    this.#server.httpServer.closeAllConnections();
    await closed;
    await Deno.remove(this.#directory, { recursive: true });
  }

  #url(key: string): string {
    return `${this.endpoint}/${BUCKET}/${key.split("/").map(encodeURIComponent).join("/")}`;
  }
}
