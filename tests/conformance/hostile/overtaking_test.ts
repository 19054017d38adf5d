/**
 * An application that answers and reads the body later, as Node does, while the last piece of that
 * body waits for room in the kernel: nothing of it may be touched, and nothing put behind it.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type EngineName, ENGINES } from "../../../src/proxy/engines.ts";
import { linux, needs } from "../../helpers/skip.ts";
import { head, ok, RawConnection, RawUpstream } from "../raw.ts";
import { startProxy, until } from "../rig.ts";

const KIB = 1024;
/** More than the kernel keeps of a connection that nobody reads. */
const ENDLESS = 512 * 1024 * KIB;
const SETTLED_MS = 40;

/** Answers `/first` and reads its body when it is told to; everything else gets a large answer. */
class LazyApplication implements AsyncDisposable {
  readonly #upstream: RawUpstream;
  readonly #answering = Promise.withResolvers<void>();
  readonly #reading = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  /** Everything behind the head of `/first`, on its connection. */
  received = "";

  constructor() {
    this.#upstream = new RawUpstream(async (conn) => {
      for (let asked = await conn.readHead(); asked !== null; asked = await conn.readHead()) {
        if (asked.startsWith("PUT /first ")) return await this.#first(conn);
        await conn.write(ok("y".repeat(500 * KIB)));
      }
    });
  }

  get port(): number {
    return this.#upstream.port;
  }

  get target() {
    return { key: "a", host: "127.0.0.1", port: this.port, alive: () => true };
  }

  answer(): void {
    this.#answering.resolve();
  }

  /** Reads until `enough` bytes have come, or the connection has ended. */
  async read(enough: number): Promise<void> {
    this.#reading.resolve();
    let ended = false;
    this.#ended.promise.then(() => ended = true);
    await until(() => ended || this.received.length >= enough, "the body");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#answering.resolve();
    this.#reading.resolve();
    await this.#upstream[Symbol.asyncDispose]();
  }

  async #first(conn: RawConnection): Promise<void> {
    await this.#answering.promise;
    await conn.write(ok("early"));
    await this.#reading.promise;
    for (let more = await conn.read(); more !== null; more = await conn.read()) {
      this.received += more;
    }
    this.#ended.resolve();
  }
}

/** Bytes that wait in the kernel between the proxy and the port of its application. */
function inTheKernel(port: number): number {
  const end = `:${port.toString(16).toUpperCase().padStart(4, "0")} `;
  return Deno.readTextFileSync("/proc/net/tcp").split("\n")
    .filter((line) => line.includes(end))
    .map((line) => /[0-9A-F]{2} ([0-9A-F]{8}):([0-9A-F]{8}) /.exec(line.slice(30)))
    .reduce(
      (sum, found) => sum + parseInt(found?.[1] ?? "0", 16) + parseInt(found?.[2] ?? "0", 16),
      0,
    );
}

/** Waits until nothing moves any more. @returns How much is in the kernel then. */
async function settled(port: number): Promise<number> {
  let last = -1;
  let since = performance.now();
  await until(() => {
    const now = inTheKernel(port);
    if (now !== last) since = performance.now();
    last = now;
    return now > 0 && performance.now() - since > SETTLED_MS;
  }, "the body to be stuck");
  return last;
}

/** How many bytes of a body go before the kernel takes no more. */
async function capacity(engine: EngineName): Promise<number> {
  await using application = new LazyApplication();
  const proxy = startProxy({ engine });
  proxy.replace([application.target]);
  await using client = await RawConnection.open(proxy.port);
  await client.write(head("PUT /first", `Content-Length: ${ENDLESS}`));
  const sent = client.writeBytes(new Uint8Array(ENDLESS / 16)).catch(() => {});
  const bytes = await settled(application.port);
  client.close();
  await sent;
  await proxy.shutdown({ drainTimeoutMs: 100 });
  return bytes;
}

/** A body of `size` bytes is overtaken by its answer; others ask for theirs meanwhile. */
async function overtake(engine: EngineName, size: number): Promise<void> {
  await using application = new LazyApplication();
  const proxy = startProxy({ engine });
  proxy.replace([application.target]);
  await using client = await RawConnection.open(proxy.port);
  await client.write(head("PUT /first", `Content-Length: ${size}`));
  const sent = client.writeBytes(new Uint8Array(size).fill(120)).catch(() => {});
  await settled(application.port);
  application.answer();
  await client.readUntil("early");
  const others = await Promise.all([0, 1, 2].map(async () => {
    const other = await RawConnection.open(proxy.port);
    await other.write(head("GET /other"));
    return other;
  }));
  const answers = others.map((other) => other.readUntil("y".repeat(500 * KIB)).catch(() => ""));
  // Those whose request waits behind the body cannot be answered before that is read.
  await Promise.race(answers);
  await application.read(size);
  await sent;
  assertEquals(application.received.slice(0, size).search(/[^x]/), -1, `body of ${size} bytes`);
  // A body that the kernel has whole is sent; another request may follow it.
  assertMatch(application.received.slice(size), /^(GET \/other |$)/);
  for (const other of others) other.close();
  await Promise.all(answers);
  client.close();
  await proxy.shutdown({ drainTimeoutMs: 1000 });
}

for (const engine of Object.keys(ENGINES) as EngineName[]) {
  if (engine as string !== "relay") continue;
  Deno.test({
    name: `item 57 item 58 [${engine}] a body that is overtaken by its answer stays what it is`,
    ...needs(linux()),
    fn: async () => {
      const limit = await capacity(engine);
      assert(limit > 64 * KIB, `${limit} bytes`);
      for (let size = limit - 32 * KIB; size <= limit + 128 * KIB; size += 32 * KIB) {
        await overtake(engine, size);
      }
    },
  });
}
