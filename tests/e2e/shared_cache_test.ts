import { assertEquals } from "@std/assert";
import { RedisServer } from "../helpers/redis_server.ts";
import { ReleaseHost } from "../helpers/releases.ts";
import { needs, program } from "../helpers/skip.ts";

/** An index on a web server that counts what is asked for. */
class CountedIndex implements AsyncDisposable {
  readonly asked: string[] = [];
  readonly #directory: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  /** @param directory Has a directory for every release. */
  constructor(directory: string) {
    this.#directory = directory;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#answer(new URL(request.url).pathname),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/index.json`;
  }

  async #answer(path: string): Promise<Response> {
    this.asked.push(path);
    if (path !== "/index.json") return new Response(await Deno.readFile(this.#directory + path));
    const releases = [...Deno.readDirSync(this.#directory)].map(({ name: tag }) => ({
      tag,
      assets: [...Deno.readDirSync(`${this.#directory}/${tag}`)].map(({ name }) => ({
        name,
        url: `/${tag}/${name}`,
      })),
    }));
    return Response.json({ releases });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

Deno.test({
  name: "hosts with one Redis ask the registry once, and fetch an artifact once",
  ...needs(program("redis-server")),
  async fn() {
    await using redis = await RedisServer.start();
    await using first = new ReleaseHost();
    await using second = new ReleaseHost();
    for (const host of [first, second]) {
      host.home.workspace.setBehaviour("v1.0.0", {});
    }
    await first.publish("v1.0.0");
    await using index = new CountedIndex(first.registry);
    const flags = {
      registry: index.url,
      cache: `redis://127.0.0.1:${redis.port}/1`,
      "registry-ttl": "1h",
    };
    for (const host of [first, second]) {
      const liveroll = host.begin(flags);
      await liveroll.waitFor("roll.succeeded");
      await liveroll.waitFor("check.unchanged");
      await liveroll.stop();
      assertEquals(host.current(), "v1.0.0");
    }
    const [archive] = [...Deno.readDirSync(`${first.registry}/v1.0.0`)];
    assertEquals(index.asked, ["/index.json", `/v1.0.0/${archive?.name}`]);
  },
});
