import { assertEquals, assertRejects } from "@std/assert";
import { findKeys } from "../../../../src/source/s3/find_keys.ts";
import { RegistryError } from "../../../../src/source/registry.ts";

const never = new AbortController().signal;
const NOW = Date.parse("2026-03-01T00:00:00Z");
const OFF = { AWS_EC2_METADATA_DISABLED: "true" };
const EXPIRATION = "2026-03-01T06:00:00Z";
const FOR_A_TIME = {
  AccessKeyId: "ASIA",
  SecretAccessKey: "secret",
  Token: "session",
  Expiration: EXPIRATION,
};
const KEYS = { accessKeyId: "ASIA", secretAccessKey: "secret", sessionToken: "session" };

function find(env: Record<string, string>) {
  return findKeys(env, () => NOW, never);
}

/** A server that answers as `handler` says, at the URL given to `test`. */
async function withServer(
  handler: (request: Request, url: URL) => Response,
  test: (url: string) => Promise<void>,
): Promise<void> {
  const at = { hostname: "127.0.0.1", port: 0, onListen() {} };
  await using server = Deno.serve(at, (request) => handler(request, new URL(request.url)));
  await test(`http://127.0.0.1:${server.addr.port}`);
}

/** A directory like a home, with these files. */
async function withHome(
  files: Record<string, string>,
  test: (home: string) => Promise<void>,
): Promise<void> {
  const home = await Deno.makeTempDir({ prefix: "liveroll-keys-" });
  try {
    await Deno.mkdir(`${home}/.aws`);
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${home}/${name}`, text);
    }
    await test(home);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

Deno.test("keys in variables come first, and never end", async () => {
  const env = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };
  const keys = { accessKeyId: "a", secretAccessKey: "b", sessionToken: null };
  assertEquals(await find(env), { keys, endsAt: Infinity });
  const withSession = await find({ ...env, AWS_SESSION_TOKEN: "c" });
  assertEquals(withSession.keys, { ...keys, sessionToken: "c" });
});

Deno.test("without any keys, nobody in particular asks; it is looked again after a time", async () => {
  assertEquals(await find(OFF), { keys: null, endsAt: NOW + 600_000 });
});

const CREDENTIALS = `# mine
[default]
aws_access_key_id = d
aws_secret_access_key=e

[ work ]
aws_access_key_id = f
aws_secret_access_key = g=+/
s3 =
  aws_access_key_id = x
aws_session_token = h
`;

const PROFILES: readonly [string, Record<string, string>, (string | null)[]][] = [
  ["the default", {}, ["d", "e", null]],
  ["the one that AWS_PROFILE names", { AWS_PROFILE: "work" }, ["f", "g=+/", "h"]],
  ["the one that AWS_DEFAULT_PROFILE names", { AWS_DEFAULT_PROFILE: "work" }, ["f", "g=+/", "h"]],
  ["one in the configuration", { AWS_PROFILE: "other" }, ["i", "j", null]],
];

for (const [what, env, expected] of PROFILES) {
  Deno.test(`keys are read from a profile: ${what}`, async () => {
    const config = "[profile other]\r\naws_access_key_id=i\r\naws_secret_access_key=j\r\n";
    await withHome({ ".aws/credentials": CREDENTIALS, ".aws/config": config }, async (HOME) => {
      const { keys } = await find({ ...OFF, HOME, ...env });
      assertEquals([keys?.accessKeyId, keys?.secretAccessKey, keys?.sessionToken], expected);
    });
  });
}

Deno.test("files of profiles may lie elsewhere", async () => {
  await withHome({ mine: CREDENTIALS }, async (home) => {
    const { keys } = await find({ ...OFF, AWS_SHARED_CREDENTIALS_FILE: `${home}/mine` });
    assertEquals(keys?.accessKeyId, "d");
  });
});

Deno.test("a profile that is asked for and not there is an error", async () => {
  await withHome({ ".aws/credentials": CREDENTIALS }, async (HOME) => {
    const error = await assertRejects(
      () => find({ ...OFF, HOME, AWS_PROFILE: "play" }),
      RegistryError,
      'Cannot find the profile "play"',
    );
    assertEquals(error.kind, "unauthorized");
  });
});

Deno.test("a container is asked with its token", async () => {
  await withServer((request, { pathname }) => {
    if (request.headers.get("authorization") !== "token") return new Response("", { status: 401 });
    return Response.json(pathname === "/keys" ? FOR_A_TIME : {});
  }, async (url) => {
    const place = { ...OFF, AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/keys` };
    const env = { ...place, AWS_CONTAINER_AUTHORIZATION_TOKEN: "token" };
    assertEquals(await find(env), { keys: KEYS, endsAt: Date.parse(EXPIRATION) });
    await withHome({ token: "token\n" }, async (home) => {
      const { keys } = await find({
        ...place,
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: `${home}/token`,
      });
      assertEquals(keys, KEYS);
    });
    await assertRejects(() => find(place), RegistryError, "401");
  });
});

Deno.test("keys of a container are not asked for elsewhere in plain text", async () => {
  const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://elsewhere.example/keys" };
  await assertRejects(() => find(env), RegistryError, "leads elsewhere");
});

Deno.test("a machine of Amazon is asked in two steps (IMDSv2)", async () => {
  const asked: string[] = [];
  await withServer((request, { pathname }) => {
    asked.push(`${request.method} ${pathname}`);
    if (pathname === "/latest/api/token") {
      const ttl = request.headers.get("x-aws-ec2-metadata-token-ttl-seconds");
      return new Response(`token for ${ttl}`);
    }
    if (request.headers.get("x-aws-ec2-metadata-token") !== "token for 21600") {
      return new Response("", { status: 401 });
    }
    return pathname.endsWith("/") ? new Response("role\n") : Response.json(FOR_A_TIME);
  }, async (url) => {
    const found = await find({ AWS_EC2_METADATA_SERVICE_ENDPOINT: `${url}/` });
    assertEquals(found, { keys: KEYS, endsAt: Date.parse(EXPIRATION) });
  });
  const roles = "GET /latest/meta-data/iam/security-credentials/";
  assertEquals(asked, ["PUT /latest/api/token", roles, `${roles}role`]);
});

Deno.test("a machine without a role asks as nobody in particular", async () => {
  await withServer(() => new Response("", { status: 404 }), async (url) => {
    assertEquals((await find({ AWS_EC2_METADATA_SERVICE_ENDPOINT: url })).keys, null);
  });
});

Deno.test("looking for keys ends with its signal", async () => {
  const stop = new AbortController();
  await withServer(() => {
    stop.abort(new Error("enough"));
    return new Response("", { status: 404 });
  }, async (url) => {
    const env = { AWS_EC2_METADATA_SERVICE_ENDPOINT: url };
    await assertRejects(() => findKeys(env, () => NOW, stop.signal), Error, "enough");
  });
});
