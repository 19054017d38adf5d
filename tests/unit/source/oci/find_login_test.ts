import { assert, assertEquals, assertRejects } from "@std/assert";
import { delay } from "@std/async/delay";
import { findLogin } from "../../../../src/source/oci/find_login.ts";
import { RegistryError } from "../../../../src/source/registry.ts";

const never = new AbortController().signal;
const ME = { kind: "password", user: "me", password: "secret:word" } as const;
const AUTH = btoa("me:secret:word");

/** Directory with the file of docker login and with helpers by name. */
async function home(
  config: unknown,
  helpers: Readonly<Record<string, string>> = {},
): Promise<AsyncDisposable & { env: Record<string, string> }> {
  const path = await Deno.makeTempDir();
  await Deno.mkdir(`${path}/.docker`);
  const text = typeof config === "string" ? config : JSON.stringify(config);
  await Deno.writeTextFile(`${path}/.docker/config.json`, text);
  for (const [name, script] of Object.entries(helpers)) {
    const file = `${path}/docker-credential-${name}`;
    await Deno.writeTextFile(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  return {
    env: { HOME: path, PATH: `${path}:/usr/bin:/bin` },
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

Deno.test("variables come first, and GitHub's token is for GitHub only", async () => {
  await using at = await home({ auths: { "ghcr.io": { auth: AUTH }, "h": { auth: AUTH } } });
  const token = { ...at.env, GITHUB_TOKEN: "ghp_secret" };
  const github = { kind: "password", user: "liveroll", password: "ghp_secret" } as const;
  assertEquals(await findLogin("ghcr.io", token, never), github);
  assertEquals(await findLogin("h", token, never), ME);
  const both = { ...token, DOCKER_USERNAME: "you", DOCKER_PASSWORD: "p" };
  const you = { kind: "password", user: "you", password: "p" } as const;
  assertEquals(await findLogin("ghcr.io", both, never), you);
  assertEquals(await findLogin("h", { ...at.env, DOCKER_USERNAME: "you" }, never), ME);
});

const FILES: readonly [string, string, unknown, unknown][] = [
  ["a host", "h:5000", { auths: { "h:5000": { auth: AUTH } } }, ME],
  ["a URL", "h", { auths: { "https://h/v2/": { auth: AUTH } } }, ME],
  ["Docker Hub", "docker.io", { auths: { "https://index.docker.io/v1/": { auth: AUTH } } }, ME],
  ["a name and a password", "h", { auths: { h: { username: "a", password: "b" } } }, {
    kind: "password",
    user: "a",
    password: "b",
  }],
  ["an identity", "h", { auths: { h: { auth: AUTH, identitytoken: "t" } } }, {
    kind: "identity",
    token: "t",
  }],
  ["another port", "h", { auths: { "h:5000": { auth: AUTH } } }, null],
  ["an entry without a login", "h", { auths: { h: {} } }, null],
  ["other types", "h", { auths: ["h"], credHelpers: 1, credsStore: {} }, null],
  ["a list", "h", [], null],
];

for (const [what, host, config, login] of FILES) {
  Deno.test(`the file of docker login is read: ${what}`, async () => {
    await using at = await home(config);
    assertEquals(await findLogin(host, at.env, never), login as typeof ME | null);
  });
}

const BAD: readonly [string, unknown, string][] = [
  ["no JSON", "secret{", "it is no JSON"],
  ["no base64", { auths: { h: { auth: "secret!" } } }, "is no login"],
  ["no colon", { auths: { h: { auth: btoa("secret") } } }, "is no login"],
  ["a helper elsewhere", { credsStore: "../x" }, "no name of a program"],
  ["a helper that is not there", { credsStore: "none" }, "not installed"],
];

for (const [what, config, words] of BAD) {
  Deno.test(`the file of docker login is refused: ${what}`, async () => {
    await using at = await home(config);
    const error = await assertRejects(() => findLogin("h", at.env, never), RegistryError, words);
    assertEquals(error.kind, "unauthorized");
    assert(!Deno.inspect(error).includes("secret"), Deno.inspect(error));
  });
}

Deno.test("the clouds have a variable each, for their own servers only", async () => {
  const env = { AWS_ECR_PASSWORD: "aws secret", GCR_TOKEN: "{}\n" };
  const userAt = async (host: string) => {
    const login = await findLogin(host, env, never);
    return login?.kind === "password" ? [login.user, login.password] : null;
  };
  assertEquals(await userAt("1234.dkr.ecr.eu-west-1.amazonaws.com"), ["AWS", "aws secret"]);
  for (const host of ["gcr.io", "eu.gcr.io", "europe-docker.pkg.dev"]) {
    assertEquals(await userAt(host), ["_json_key", "{}"], host);
  }
  for (const host of ["amazonaws.com", "x.gcr.io.example.org", "docker.pkg.dev", "ghcr.io"]) {
    assertEquals(await userAt(host), null, host);
  }
  const you = { ...env, DOCKER_USERNAME: "you", DOCKER_PASSWORD: "p" };
  assertEquals(await findLogin("gcr.io", you, never), {
    kind: "password",
    user: "you",
    password: "p",
  });
});

Deno.test("without a file there is no login", async () => {
  assertEquals(await findLogin("h", {}, never), null);
  assertEquals(await findLogin("h", { DOCKER_CONFIG: "/nonexistent" }, never), null);
});

Deno.test("a helper is told the server, and its answer is taken", async () => {
  const script = `[ "$1" = get ] && printf '{"Username":"%s","Secret":"s"}' "$(cat)"`;
  const config = { credHelpers: { "h:1": "one" }, credsStore: "all" };
  await using at = await home(config, { one: script, all: script.replace("%s", "all-%s") });
  const user = async (host: string) => {
    const login = await findLogin(host, at.env, never);
    return login?.kind === "password" ? login.user : login;
  };
  assertEquals(await user("h:1"), "h:1");
  assertEquals(await user("h:2"), "all-h:2");
  assertEquals(await user("docker.io"), "all-https://index.docker.io/v1/");
});

const HELPERS: readonly [string, string, unknown][] = [
  ["an identity", `echo '{"Username":"<token>","Secret":"t"}'`, { kind: "identity", token: "t" }],
  ["nothing of us", "echo credentials not found in native keychain; exit 1", ME],
];

for (const [what, script, login] of HELPERS) {
  Deno.test(`a helper knows ${what}`, async () => {
    await using at = await home({ auths: { h: { auth: AUTH } }, credsStore: "x" }, { x: script });
    assertEquals(await findLogin("h", at.env, never), login as typeof ME);
  });
}

const BROKEN: readonly [string, string, string][] = [
  ["fails", "echo secret; exit 1", "it failed"],
  ["answers with something else", "echo secret", "is no login"],
  ["answers without a secret", `echo '{"Username":"secret"}'`, "is no login"],
  ["never stops talking", "head -c 3000000 /dev/zero", "is no login"],
];

for (const [what, script, words] of BROKEN) {
  Deno.test(`a helper that ${what} is an error without secrets`, async () => {
    await using at = await home({ credsStore: "x" }, { x: script });
    const error = await assertRejects(() => findLogin("h", at.env, never), RegistryError, words);
    assert(!Deno.inspect(error).includes("secret"), Deno.inspect(error));
  });
}

Deno.test("a helper that hangs ends with the signal, whatever it has started", async () => {
  const script = '(sleep 10; touch "$HOME/ended") & touch "$HOME/begun"; wait';
  await using at = await home({ credsStore: "x" }, { x: script });
  const over = new AbortController();
  const found = findLogin("h", at.env, over.signal);
  const begun = async () => {
    while (!await exists(`${at.env.HOME}/begun`)) await delay(10);
    over.abort(new Error("enough"));
  };
  await Promise.all([assertRejects(() => found, Error, "enough"), begun()]);
  assertEquals(await exists(`${at.env.HOME}/ended`), false);
});

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
