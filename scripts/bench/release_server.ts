import { succeed } from "../lib/command.ts";
import { APP_COMMAND } from "./backend.ts";

const MIB = 1024 * 1024;

/** What a release has besides its program is written in pieces of this size. */
const PIECE = crypto.getRandomValues(new Uint8Array(64 * 1024));

/** A web server on loopback with an index of releases. */
export class ReleaseServer implements AsyncDisposable {
  readonly #directory: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #tags: string[] = [];

  /** @param directory For the files of the releases. */
  constructor(directory: string) {
    this.#directory = directory;
    const at = { hostname: "127.0.0.1", port: 0, onListen() {} };
    this.#server = Deno.serve(at, (request) => this.#answer(new URL(request.url).pathname));
  }

  /** Where the index is. */
  get index(): string {
    return this.fileUrl("index.json");
  }

  /** Where a file is: the archive of a version is `TAG.tar`. */
  fileUrl(name: string): string {
    return `http://127.0.0.1:${this.#server.addr.port}/${name}`;
  }

  /** Packs a program that answers with `tag`, and so many MiB beside it; not in the index yet. */
  async pack(tag: string, mebibytes = 0): Promise<void> {
    const work = await Deno.makeTempDir({ dir: this.#directory });
    const script = `#!/bin/sh\nBENCH_BODY=${tag}\nexport BENCH_BODY\n${APP_COMMAND}\n`;
    await Deno.writeTextFile(`${work}/app`, script, { mode: 0o755 });
    await writeBallast(`${work}/ballast`, mebibytes);
    await succeed("tar", ["-cf", `${this.#directory}/${tag}.tar`, "-C", work, "app", "ballast"]);
    await Deno.remove(work, { recursive: true });
  }

  /** From now on it is in the index. */
  publish(tag: string): void {
    this.#tags.push(tag);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #answer(path: string): Promise<Response> {
    if (path === "/index.json") return Response.json({ releases: this.#tags.map(release) });
    const { readable } = await Deno.open(this.#directory + path);
    const { size } = await Deno.stat(this.#directory + path);
    return new Response(readable, { headers: { "content-length": `${size}` } });
  }
}

function release(tag: string) {
  const { os, arch } = Deno.build;
  // The file's own name does not matter to anybody else.
  return { tag, assets: [{ name: `app_${os}_${arch}.tar`, url: `${tag}.tar` }] };
}

async function writeBallast(path: string, mebibytes: number): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true });
  const writer = file.writable.getWriter();
  for (let n = 0; n < mebibytes * MIB; n += PIECE.length) await writer.write(PIECE);
  await writer.close();
}
