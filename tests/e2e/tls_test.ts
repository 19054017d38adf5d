import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { Certificate } from "../../src/proxy/engine.ts";
import { FIRST, SECOND } from "../fixtures/tls/certificates.ts";
import { type Liveroll, withLiveroll, withStarting } from "../helpers/liveroll.ts";

/** The files of a certificate in a directory of their own. */
class TlsFiles implements Disposable {
  readonly dir = Deno.makeTempDirSync();
  readonly flags = { "tls-cert": `${this.dir}/cert.pem`, "tls-key": `${this.dir}/key.pem` };

  constructor(certificate: Certificate) {
    this.write(certificate);
  }

  write({ cert, key }: Certificate): void {
    Deno.writeTextFileSync(this.flags["tls-cert"], cert);
    Deno.writeTextFileSync(this.flags["tls-key"], key);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.dir, { recursive: true });
  }
}

/** Asks on a connection of its own, trusting one certificate only. */
async function ask({ port }: Liveroll, { cert }: Certificate, http2 = false): Promise<string> {
  using client = Deno.createHttpClient({ caCerts: [cert], http1: !http2, http2 });
  const answer = await fetch(`https://127.0.0.1:${port}/`, { client });
  return await answer.text();
}

for (const engine of ["fetch", "relay", "tcp"]) {
  Deno.test(`--tls-cert and --tls-key speak TLS with clients (${engine})`, async () => {
    using files = new TlsFiles(FIRST);
    await withLiveroll({ flags: { engine, ...files.flags } }, async (liveroll) => {
      assertEquals(await ask(liveroll, FIRST), "v1");
      await assertRejects(() => ask(liveroll, SECOND));
    });
  });

  Deno.test(`HUP reads a new certificate (${engine})`, async () => {
    using files = new TlsFiles(FIRST);
    await withLiveroll({ flags: { engine, ...files.flags } }, async (liveroll) => {
      files.write(SECOND);
      liveroll.signal("SIGHUP");
      await liveroll.waitForText('"tls.reloaded"');
      assertEquals(await ask(liveroll, SECOND), "v1");
      await assertRejects(() => ask(liveroll, FIRST));
    });
  });
}

Deno.test("--engine fetch with a certificate speaks HTTP/2", async () => {
  using files = new TlsFiles(FIRST);
  await withLiveroll({ flags: { engine: "fetch", ...files.flags } }, async (liveroll) => {
    assertEquals(await ask(liveroll, FIRST, true), "v1");
  });
});

Deno.test("HUP keeps the old certificate when the new one is unusable", async () => {
  using files = new TlsFiles(FIRST);
  await withLiveroll({ flags: { engine: "relay", ...files.flags } }, async (liveroll) => {
    files.write({ cert: SECOND.cert, key: FIRST.key });
    liveroll.signal("SIGHUP");
    const { text } = await liveroll.waitForText("the old certificate stays");
    assertEquals(JSON.parse(text).level, "error");
    assertEquals(await ask(liveroll, FIRST), "v1");
  });
});

Deno.test("children are told that clients speak TLS", async () => {
  using files = new TlsFiles(FIRST);
  await withLiveroll({ flags: { engine: "relay", ...files.flags } }, async (liveroll) => {
    using client = Deno.createHttpClient({ caCerts: [FIRST.cert] });
    const answer = await fetch(`https://127.0.0.1:${liveroll.port}/headers`, { client });
    const { headers } = await answer.json() as { headers: [string, string][] };
    const told = new Map(headers.map(([name, value]) => [name.toLowerCase(), value]));
    assertEquals(told.get("x-forwarded-proto"), "https");
  });
});

Deno.test("files that hold no certificate are refused with status 2, and nothing is started", async () => {
  using files = new TlsFiles({ cert: FIRST.cert, key: SECOND.key });
  const missing = { "tls-cert": "/nonexistent.pem", "tls-key": files.flags["tls-key"] };
  const table: [flags: Record<string, string>, message: RegExp][] = [
    [files.flags, /Cannot serve \S+cert\.pem with the key \S+key\.pem: /],
    [missing, /Cannot read the certificate \/nonexistent\.pem: No such file/],
  ];
  for (const [flags, message] of table) {
    await withStarting({ flags: { exec: "echo SPAWNED", ...flags } }, async (liveroll) => {
      assertEquals((await liveroll.end()).code, 2);
      await liveroll.finished;
      const output = liveroll.log.dump();
      assertMatch(output, message);
      assertEquals(output.includes("SPAWNED"), false);
    });
  }
});
