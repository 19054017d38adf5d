import { type ContainerHost, ENGINE_FLAGS, type Seen } from "./container_host.ts";
import type { InstalledCompose } from "./composes.ts";
import { Home } from "./home.ts";
import type { LiverollOptions } from "./liveroll.ts";

/** An operator's directory with a compose file, whose services one liveroll after another updates. */
export class ComposeHome implements AsyncDisposable {
  readonly home = new Home();
  readonly directory: string;
  readonly #host: ContainerHost;
  readonly #compose: InstalledCompose;

  /** @param file What is in the compose file; the bridge is the only network of a private engine. */
  constructor(host: ContainerHost, compose: InstalledCompose, name: string, file: string) {
    this.#host = host;
    this.#compose = compose;
    this.directory = `${this.home.workspace.dir}/${name}`;
    Deno.mkdirSync(this.directory);
    this.write(file);
  }

  /** Changes the compose file. */
  write(file: string): void {
    Deno.writeTextFileSync(`${this.directory}/compose.yaml`, file);
  }

  /** Of a liveroll that lives here. */
  options(flags: Record<string, string | null>): LiverollOptions {
    const place = {
      "compose-file": `${this.directory}/compose.yaml`,
      "docker-host": `unix://${this.#host.engine.socket}`,
    };
    const { home } = this;
    const { env } = this.#compose;
    return { verb: "compose", home, env, flags: { ...ENGINE_FLAGS, ...place, ...flags } };
  }

  /** The containers of a service that run, by number. */
  async running(service: string): Promise<Seen[]> {
    return (await this.#host.containers()).filter(({ labels, state }) =>
      labels["com.docker.compose.service"] === service && state === "running"
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host.clear();
    this.home[Symbol.dispose]();
  }
}
