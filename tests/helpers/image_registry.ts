import { startDaemon, untilReady } from "../../scripts/lib/daemon.ts";
import { freePorts } from "../../scripts/lib/free_ports.ts";

/** The user whom a registry with passwords knows. */
export const IMAGE_LOGIN = { DOCKER_USERNAME: "tester", DOCKER_PASSWORD: "secret word" };

const HTPASSWD = "tester:$2y$05$abcdefghijklmnopqrstuu1C7yeI3ZG3Jm.nHdnKkGJg1xTYKP9Oy\n";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const CONFIG = "application/vnd.oci.image.config.v1+json";

/** A real image registry on loopback. */
export class ImageRegistry implements AsyncDisposable {
  readonly host: string;
  readonly #headers: Record<string, string>;
  readonly #end: () => Promise<void>;

  private constructor(host: string, headers: Record<string, string>, end: () => Promise<void>) {
    this.host = host;
    this.#headers = headers;
    this.#end = end;
  }

  static async start({ hasPasswords }: { hasPasswords: boolean }): Promise<ImageRegistry> {
    const directory = await Deno.makeTempDir({ prefix: "liveroll-images-" });
    const host = `127.0.0.1:${freePorts(1)[0]}`;
    const passwords = `${directory}/htpasswd`;
    await Deno.writeTextFile(passwords, HTPASSWD);
    const config = {
      version: 0.1,
      log: { level: "error" },
      storage: { filesystem: { rootdirectory: `${directory}/data` } },
      http: { addr: host },
      ...(hasPasswords && { auth: { htpasswd: { realm: "images", path: passwords } } }),
    };
    // JSON is YAML.
    await Deno.writeTextFile(`${directory}/config.yml`, JSON.stringify(config));
    const args = ["serve", `${directory}/config.yml`];
    const daemon = startDaemon("docker-registry", args, { logPath: `${directory}/log` });
    const end = async () => {
      await daemon[Symbol.asyncDispose]();
      await Deno.remove(directory, { recursive: true });
    };
    const { DOCKER_USERNAME: user, DOCKER_PASSWORD: password } = IMAGE_LOGIN;
    const headers = { authorization: `Basic ${btoa(`${user}:${password}`)}` };
    const registry = new ImageRegistry(host, hasPasswords ? headers : {}, end);
    try {
      await untilReady("docker-registry", daemon, 20_000, () => registry.#answers());
    } catch (error) {
      await end();
      throw error;
    }
    return registry;
  }

  /** Pushes a tiny image. @returns Its digest. */
  async push(repository: string, tags: readonly string[]): Promise<string> {
    const config = JSON.stringify({
      architecture: "amd64",
      os: "linux",
      rootfs: { type: "layers" },
    });
    const digest = `sha256:${await sha256(config)}`;
    const started = await this.#ask(`${repository}/blobs/uploads/`, { method: "POST" });
    const upload = new URL(started.headers.get("location") ?? "", `http://${this.host}`);
    upload.searchParams.set("digest", digest);
    const octets = { "content-type": "application/octet-stream" };
    await this.#ask(upload.href, { method: "PUT", body: config, headers: octets });
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: { mediaType: CONFIG, digest, size: config.length },
      layers: [],
    });
    for (const tag of tags) {
      const headers = { "content-type": MANIFEST };
      await this.#ask(`${repository}/manifests/${tag}`, { method: "PUT", body: manifest, headers });
    }
    return `sha256:${await sha256(manifest)}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
  }

  async #ask(path: string, init: RequestInit): Promise<Response> {
    const headers = { ...this.#headers, ...init.headers as Record<string, string> };
    const response = await fetch(new URL(path, `http://${this.host}/v2/`), { ...init, headers });
    const text = await response.text();
    if (!response.ok) throw new Error(`Cannot ${init.method} ${path}: ${response.status} ${text}`);
    return response;
  }

  async #answers(): Promise<boolean> {
    try {
      const response = await fetch(`http://${this.host}/v2/`, { headers: this.#headers });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  }
}

async function sha256(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(hash).toHex();
}
