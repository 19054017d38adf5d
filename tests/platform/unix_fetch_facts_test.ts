import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";

const HEAD = "HTTP/1.1 200 OK\r\n";

/** A socket that answers every connection with `text` and closes it; counts connections. */
class RawSocket implements AsyncDisposable {
  connections = 0;
  readonly path: string;
  readonly #directory = Deno.makeTempDirSync({ prefix: "liveroll-unix-" });
  readonly #listener: Deno.UnixListener;
  readonly #serving: Promise<void>;

  constructor(text: string) {
    this.path = `${this.#directory}/raw.sock`;
    this.#listener = Deno.listen({ transport: "unix", path: this.path });
    this.#serving = this.#serve(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#serving;
    await Deno.remove(this.#directory, { recursive: true });
  }

  async #serve(text: string): Promise<void> {
    for await (using connection of this.#listener) {
      this.connections++;
      await connection.read(new Uint8Array(4_096));
      await connection.write(new TextEncoder().encode(text));
    }
  }
}

async function ask(path: string, times = 1): Promise<string[]> {
  using client = Deno.createHttpClient({
    poolMaxIdlePerHost: 0,
    proxy: { transport: "unix", path },
  });
  const texts: string[] = [];
  for (let time = 0; time < times; time++) {
    texts.push(await (await fetch("http://localhost/", { client })).text());
  }
  return texts;
}

Deno.test("fetch over a unix socket reads a body without a length to the end of the connection", async () => {
  // So engines answer when they hand over the raw output of a command.
  await using socket = new RawSocket(`${HEAD}content-type: application/octet-stream\r\n\r\nraw`);
  assertEquals(await ask(socket.path), ["raw"]);
});

Deno.test("fetch over a unix socket without a pool makes a connection for every request", async () => {
  await using socket = new RawSocket(`${HEAD}content-length: 2\r\n\r\nok`);
  assertEquals(await ask(socket.path, 3), ["ok", "ok", "ok"]);
  assertEquals(socket.connections, 3);
});

Deno.test("fetch over a unix socket fails when a chunked body breaks off: it never looks whole", async () => {
  await using socket = new RawSocket(`${HEAD}transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n`);
  await assertRejects(() => ask(socket.path), TypeError);
});

Deno.test("why there is no connection to a unix socket is only in the words of the cause", async () => {
  const error = await assertRejects(() => ask("/nowhere/raw.sock"), TypeError);
  const { cause } = error;
  const words = `${error.message} ${cause instanceof Error ? cause.message : cause}`;
  assertStringIncludes(words, "(Connect)");
  assertStringIncludes(words, "(os error 2)");
});
