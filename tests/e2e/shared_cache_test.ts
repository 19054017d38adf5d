import { assertEquals } from "@std/assert";
import { ConsulDouble } from "../helpers/consul_double.ts";
import { ConsulServer, MANAGER } from "../helpers/consul_server.ts";
import { GcsDouble } from "../helpers/gcs_double.ts";
import { inTime } from "../helpers/in_time.ts";
import { named } from "../helpers/named.ts";
import { namedBucket } from "../helpers/named_bucket.ts";
import { RedisServer } from "../helpers/redis_server.ts";
import { ReleaseHost } from "../helpers/releases.ts";
import { S3Double } from "../helpers/s3_double.ts";
import { needs, program } from "../helpers/skip.ts";

/** An index on a web server that counts what is asked for. */
class CountedIndex implements AsyncDisposable {
  readonly asked: string[] = [];
  /** Resolves when an artifact is asked for. */
  readonly artifactAsked = Promise.withResolvers<void>();
  /** Artifacts are handed out from then on. */
  artifactsReady: Promise<void> = Promise.resolve();
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
    if (path !== "/index.json") {
      this.artifactAsked.resolve();
      await this.artifactsReady;
      return new Response(await Deno.readFile(this.#directory + path));
    }
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

/** One release, and two hosts that have not got it. */
class Hosts implements AsyncDisposable {
  readonly first = new ReleaseHost();
  readonly second = new ReleaseHost();
  readonly index: CountedIndex = new CountedIndex(this.first.registry);

  /** What was asked for, each once. */
  get files(): string[] {
    const [archive] = [...Deno.readDirSync(`${this.first.registry}/v1.0.0`)];
    return ["/index.json", `/v1.0.0/${archive?.name}`];
  }

  async publish(): Promise<void> {
    await this.first.publish("v1.0.0");
    this.second.home.workspace.setBehaviour("v1.0.0", {});
  }

  /** Starts both at the same time; the second one comes when the first one fetches. */
  async roll(cache: string, env: Record<string, string> = {}): Promise<void> {
    const { first, second, index } = this;
    const flags = { registry: index.url, cache, "registry-ttl": "1h" };
    const ready = Promise.withResolvers<void>();
    index.artifactsReady = ready.promise;
    const lives = [first.begin(flags, env)];
    await inTime("the first one fetch", index.artifactAsked.promise);
    const late = second.begin(flags, env);
    lives.push(late);
    await late.waitForText("Another host fetches app_");
    ready.resolve();
    await Promise.all(lives.map(async (life) => {
      await life.waitFor("roll.succeeded");
      await life.waitFor("check.unchanged");
      await life.stop();
    }));
    assertEquals([first.current(), second.current()], ["v1.0.0", "v1.0.0"]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.first[Symbol.asyncDispose]();
    await this.second[Symbol.asyncDispose]();
    await this.index[Symbol.asyncDispose]();
  }
}

Deno.test({
  name: "hosts with one Redis ask the registry once, and fetch an artifact once",
  ...needs(program("redis-server")),
  async fn() {
    await using redis = await RedisServer.start();
    await using hosts = new Hosts();
    await hosts.publish();
    const cache = `redis://127.0.0.1:${redis.port}/1`;
    await hosts.roll(cache);
    // A third one comes later.
    await using third = new ReleaseHost();
    third.home.workspace.setBehaviour("v1.0.0", {});
    const flags = { registry: hosts.index.url, cache, "registry-ttl": "1h" };
    await third.begin(flags).waitFor("roll.succeeded");
    assertEquals(hosts.index.asked, hosts.files);
  },
});

Deno.test("hosts with one bucket in S3 ask the registry once, and fetch an artifact once", async () => {
  await using double = new S3Double("shared");
  double.keys = { accessKeyId: "AKID", secretAccessKey: "secret" };
  await using hosts = new Hosts();
  await hosts.publish();
  await hosts.roll(`s3://eu-west-1/shared/cache?endpoint=${double.endpoint}`, {
    AWS_ACCESS_KEY_ID: "AKID",
    AWS_SECRET_ACCESS_KEY: "secret",
  });
  assertEquals(hosts.index.asked, hosts.files);
});

Deno.test("hosts with one bucket of Google's ask the registry once, and fetch an artifact once", async () => {
  await using double = new GcsDouble("shared");
  await using hosts = new Hosts();
  await hosts.publish();
  await hosts.roll("gs://shared/cache", { STORAGE_EMULATOR_HOST: double.host });
  assertEquals(hosts.index.asked, hosts.files);
});

const newBucket = namedBucket();
if (newBucket !== null) {
  Deno.test("hosts with one real bucket ask the registry once, and fetch an artifact once", async () => {
    await using hosts = new Hosts();
    await hosts.publish();
    await hosts.roll(newBucket().url);
    assertEquals(hosts.index.asked, hosts.files);
  });
}

/** Two hosts that begin at the same time. */
async function rollBy(consul: { readonly host: string }, token: string): Promise<void> {
  await using hosts = new Hosts();
  await hosts.publish();
  const { first, second, index } = hosts;
  const cache = `consul://${consul.host}`;
  await Promise.all([first, second].map(async (host) => {
    const flags = { registry: index.url, cache, "registry-ttl": "1h" };
    const life = host.begin(flags, { CONSUL_HTTP_TOKEN: token });
    await life.waitFor("roll.succeeded");
    await life.waitFor("check.unchanged");
    await life.stop();
  }));
  const [list, archive] = hosts.files;
  assertEquals(index.asked, [list, archive, archive]);
}

Deno.test("hosts with one Consul ask the registry once, and fetch their artifacts themselves", async () => {
  await using double = new ConsulDouble();
  double.token = "open-sesame";
  await rollBy(double, double.token);
});

const consul = named("CONSUL");
if (consul !== null) {
  Deno.test("hosts with one real Consul ask the registry once, and fetch artifacts themselves", async () => {
    await using server = await ConsulServer.start(consul, MANAGER);
    await rollBy(server, await server.newToken());
  });
}
