import { assertEquals, assertRejects } from "@std/assert";
import { callUnary } from "../../../../src/source/grpc/unary_call.ts";
import { RegistryError } from "../../../../src/source/registry.ts";
import { RudeGrpc, sending } from "../../../helpers/rude_grpc.ts";

const FIXTURES = new URL("../../../fixtures/tls/", import.meta.url).pathname;
const CERT = `${FIXTURES}first.cert.pem`;
const CLIENT = new URL("tls_client.ts", import.meta.url).pathname;

function start(): Promise<RudeGrpc> {
  return RudeGrpc.start(sending(new Uint8Array(5)), {
    key: Deno.readTextFileSync(`${FIXTURES}first.key.pem`),
    cert: Deno.readTextFileSync(CERT),
  });
}

Deno.test("a certificate that nobody vouches for is refused", async () => {
  await using server = await start();
  const call = {
    server: `https://${server.host}`,
    path: "/a.B/C",
    message: new Uint8Array(),
    signal: new AbortController().signal,
  };
  const error = await assertRejects(() => callUnary(call), RegistryError, "certificate");
  assertEquals(error.kind, "unreachable");
});

Deno.test("an authority of one's own is believed", async () => {
  await using server = await start();
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", CLIENT, `https://${server.host}`],
    env: { DENO_CERT: CERT },
    signal: AbortSignal.timeout(60_000),
  }).output();
  assertEquals(
    [code, new TextDecoder().decode(stdout)],
    [0, "0\n"],
    new TextDecoder().decode(stderr),
  );
});
