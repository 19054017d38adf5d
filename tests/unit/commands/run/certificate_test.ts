import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { CertificateFiles } from "../../../../src/commands/run/certificate.ts";
import type { Clock } from "../../../../src/platform/clock.ts";
import type { Certificate } from "../../../../src/proxy/engine.ts";
import { FIRST, SECOND } from "../../../fixtures/tls/certificates.ts";
import { recordingLog } from "../../platform/recording_log.ts";

type Files = { cert: string; key: string };

async function withFiles(
  { cert, key }: Certificate,
  test: (files: Files) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  const files = { cert: `${dir}/cert.pem`, key: `${dir}/key.pem` };
  try {
    await Deno.writeTextFile(files.cert, cert);
    await Deno.writeTextFile(files.key, key);
    await test(files);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Takes certificates as an engine does. */
function owner() {
  const taken: Certificate[] = [];
  return { taken, setCertificate: (certificate: Certificate) => void taken.push(certificate) };
}

const ENCRYPTED =
  "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
const TRADITIONAL = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n" +
  "-----END RSA PRIVATE KEY-----\n";

Deno.test("a certificate and its key are read", () =>
  withFiles(FIRST, async (files) => {
    assertEquals((await CertificateFiles.open(files)).current, FIRST);
  }));

Deno.test("a certificate or key that is unusable is named, and why", async () => {
  const table: [certificate: Certificate, message: RegExp][] = [
    [
      { ...FIRST, cert: "hello" },
      /^Cannot use \S+cert\.pem: there is no certificate \(PEM\) in it$/,
    ],
    [{ ...FIRST, cert: FIRST.key }, /^Cannot use \S+cert\.pem: there is no certificate/],
    [
      { ...FIRST, key: FIRST.cert },
      /^Cannot use \S+key\.pem: there is no private key \(PEM\) in it$/,
    ],
    [{ ...FIRST, key: "" }, /^Cannot use \S+key\.pem: there is no private key/],
    [{ ...FIRST, key: ENCRYPTED }, /^Cannot use \S+key\.pem: it has a password, remove that$/],
    [{ ...FIRST, key: TRADITIONAL }, /^Cannot use \S+key\.pem: it has a password, remove that$/],
    [{ ...FIRST, key: SECOND.key }, /^Cannot serve \S+cert\.pem with the key \S+key\.pem: /],
    [
      { ...FIRST, cert: FIRST.cert.replace(/\n.{10}/, "\nAAAAAAAAAA") },
      /^Cannot serve \S+cert\.pem with the key \S+key\.pem: /,
    ],
  ];
  for (const [certificate, message] of table) {
    await withFiles(certificate, async (files) => {
      assertMatch(
        (await assertRejects(() => CertificateFiles.open(files), Error)).message,
        message,
      );
    });
  }
});

Deno.test("a file that is not there is named", () =>
  withFiles(FIRST, async (files) => {
    await Deno.remove(files.key);
    const error = await assertRejects(() => CertificateFiles.open(files), Error);
    assertMatch(error.message, /^Cannot read the private key \S+key\.pem: No such file/);
  }));

Deno.test("a reload hands over what is new", () =>
  withFiles(FIRST, async (files) => {
    const certificate = await CertificateFiles.open(files);
    const engine = owner();
    const log = recordingLog();
    await certificate.reload(engine, log);
    assertEquals(engine.taken, []);
    await Deno.writeTextFile(files.cert, SECOND.cert);
    await Deno.writeTextFile(files.key, SECOND.key);
    await certificate.reload(engine, log);
    assertEquals(engine.taken, [SECOND]);
    assertEquals(certificate.current, SECOND);
    assertEquals(log.entries.map(({ level, properties }) => [level, properties.event]), [
      ["debug", "tls.same"],
      ["info", "tls.reloaded"],
    ]);
  }));

Deno.test("a reload of something unusable is an error in the log, and the old one stays", () =>
  withFiles(FIRST, async (files) => {
    const certificate = await CertificateFiles.open(files);
    const engine = owner();
    const log = recordingLog();
    // Half of a renewal: the new certificate, still with the old key.
    await Deno.writeTextFile(files.cert, SECOND.cert);
    await certificate.reload(engine, log);
    assertEquals([engine.taken, certificate.current], [[], FIRST]);
    assertEquals(log.entries.map(({ level, properties }) => [level, properties.event]), [
      ["error", "tls.reload_failed"],
    ]);
    const message = log.messages().join();
    assertMatch(message, /^Cannot serve \S+ with the key \S+: .*; the old certificate stays$/s);
  }));

Deno.test("an engine that refuses a certificate keeps the old one, too", () =>
  withFiles(FIRST, async (files) => {
    const certificate = await CertificateFiles.open(files);
    const log = recordingLog();
    await Deno.writeTextFile(files.cert, SECOND.cert);
    await Deno.writeTextFile(files.key, SECOND.key);
    const refusing = {
      setCertificate() {
        throw new TypeError("Cannot set a certificate: not today");
      },
    };
    await certificate.reload(refusing, log);
    assertEquals(certificate.current, FIRST);
    assertEquals(log.messages(), [
      "Cannot set a certificate: not today; the old certificate stays",
    ]);
  }));

Deno.test("the files are looked at once a minute, and trouble is told once", () =>
  withFiles(FIRST, async (files) => {
    const certificate = await CertificateFiles.open(files);
    const engine = owner();
    const log = recordingLog();
    const looks: (() => void)[] = [];
    const closing = new AbortController();
    const clock: Clock = {
      now: () => 0,
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          assertEquals(ms, 60_000);
          looks.push(resolve);
          signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
        }),
    };
    const watching = certificate.watch(engine, log, closing.signal, clock);
    const look = async () => {
      looks.shift()?.();
      while (looks.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    };
    await look();
    await Deno.writeTextFile(files.cert, SECOND.cert);
    await look();
    await look();
    await Deno.writeTextFile(files.key, SECOND.key);
    await look();
    assertEquals(engine.taken, [SECOND]);
    assertEquals(log.entries.map(({ properties }) => properties.event), [
      "tls.same",
      "tls.reload_failed",
      "tls.reloaded",
    ]);
    closing.abort();
    await watching;
  }));
