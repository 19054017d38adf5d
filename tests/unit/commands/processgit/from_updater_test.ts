import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromUpdater } from "../../../../src/commands/processgit/from_updater.ts";
import { PREFIX } from "../../../../src/commands/processgit/old_variable.ts";

/** Nothing is wrong with these. */
const GOOD = { TOKEN: "t".repeat(32), STUB: "false", LISTEN: "127.0.0.1:9000" };

function translate(variables: Record<string, string>, args: readonly string[] = []) {
  const env = Object.entries({ ...GOOD, ...variables })
    .map(([name, value]) => [name === name.toUpperCase() ? PREFIX + name : name, value]);
  return fromUpdater(["--port=80", ...args], Object.fromEntries(env));
}

const REFUSED: readonly [string, string, RegExp][] = [
  ["TOKEN", "", /is required: give the token/],
  ["TOKEN", "s3 cret", /one word .* openssl rand -hex 32$/],
  ["LISTEN", "9000", /"9000" is no address, give for example/],
  ["LISTEN", ":http", /":http" is no address/],
  ["LISTEN", ":99999", /":99999" is no address/],
  ["REPO", "ProcessGit", /"ProcessGit" is not OWNER\/NAME/],
  ["REPO", "a/b/c", /"a\/b\/c" is not OWNER\/NAME/],
  ["GITHUB_API", "https://github.me/api/v3", /"https:\/\/github.me\/api\/v3" .* give --registry/],
  ["APP_CONTAINER", "-web", /"-web"/],
  ["STUB", "true", /"true": .* set it to false\. .* liveroll update ID --dry-run$/],
  ["STUB", "T", /"T": .* --dry-run$/],
  ["STUB", "maybe", /"maybe" is neither true nor false/],
  ["DEBUG", "yes", /"yes" is neither true nor false/],
  ["HEALTH_URL", "processgit:3000/up", /is no address that is asked by http, give for example/],
  ["HEALTH_URL", "https://processgit:3000/up", /is no address that is asked by http/],
  [
    "HEALTH_URL",
    "http://localhost:18080/up",
    /give http:\/\/processgit:PORT\/PATH .* --container-/,
  ],
];

for (const [name, value, message] of REFUSED) {
  Deno.test(`${name}=${value} cannot be honoured: the variable, the value and the fix are named`, () => {
    const { problems } = translate({ [name]: value });
    assertEquals(problems.length, 1);
    assert(problems[0]!.startsWith(`${PREFIX}${name}: `), problems[0]);
    assertMatch(problems[0]!, message);
    if (name === "TOKEN") assertEquals(problems[0]!.includes("s3"), false);
  });
}

const READ: readonly [Record<string, string>, readonly string[]][] = [
  [{ LISTEN: ":9100" }, ["--control-listen=0.0.0.0:9100"]],
  [{ LISTEN: "[::1]:9000" }, ["--control-listen=[::1]:9000"]],
  [{ STATE_DIR: "/srv/s/" }, ["--state-dir=/srv/s/", "--control-token-file=/srv/s/control-token"]],
  [{ REPO: "ACME/PG.git" }, ["--registry=img://ghcr.io/acme/pg.git"]],
  [{ GITHUB_API: "https://api.github.com/" }, []],
  [{ DEBUG: "1" }, ["--log-level=debug"]],
  [{ STUB: "0" }, []],
  [{ APP_CONTAINER: "web", HEALTH_URL: "http://web/up?full=1" }, [
    "--service=web",
    "--container-port=80",
    "--healthcheck=/up?full=1",
  ]],
  // The default was for the default.
  [{ APP_CONTAINER: "web" }, ["--service=web", "--container-port=3000"]],
];

for (const [variables, expected] of READ) {
  Deno.test(`${JSON.stringify(variables)} becomes ${expected.join(" ") || "nothing"}`, () => {
    const { args, problems, warnings } = translate(variables);
    assertEquals([problems, warnings], [[], []]);
    assertEquals(expected.filter((word) => !args.includes(word)), []);
  });
}

const OPTIONS: readonly [Record<string, string>, readonly string[], RegExp][] = [
  [{ TOKEN: "" }, ["--control-token-file", "/t"], /--control-token-file/],
  [{ LISTEN: "nonsense" }, ["--control-listen=127.0.0.1:1"], /--control-listen/],
  [{ REPO: "x" }, ["--registry=img://r.example/web"], /--(registry|cosign-identity)/],
  [{ GITHUB_API: "https://g.me" }, ["--registry=img://r.example/web"], /--registry/],
  [{ APP_CONTAINER: "a" }, ["--service=b", "--app=c"], /--(service|app)/],
  [{ HEALTH_URL: "x" }, ["--container-port=1", "--healthcheck=tcp"], /--(container-p|healthc)/],
  [{ COMPOSE_FILE: "/x" }, ["--compose-file=/y"], /--compose-file/],
  [{ ENV_FILE: "/x" }, ["--env-file=/y", "--env-key=V"], /--env-/],
  [{ LIVEROLL_STATE_DIR: "/y" }, [], /--state-dir/],
];

for (const [variables, args, unwanted] of OPTIONS) {
  Deno.test(`${JSON.stringify(variables)}: ${args.join(" ") || "its LIVEROLL_ variable"} counts`, () => {
    const own = variables.LIVEROLL_STATE_DIR === undefined ? {} : variables;
    const old = own === variables ? {} : variables;
    const env = Object.entries({ ...GOOD, ...old }).map(([name, value]) => [PREFIX + name, value]);
    const translation = fromUpdater(args, { ...Object.fromEntries(env), ...own });
    assertEquals(translation.problems, []);
    assertEquals(translation.args.filter((word) => unwanted.test(word)), []);
  });
}

Deno.test("the state directory that counts has the token", () => {
  const { args } = translate({}, ["--state-dir", "/srv/x"]);
  assert(args.includes("--control-token-file=/srv/x/control-token"));
});

Deno.test("a token of GitHub opens its registry, and cosign is found where it was", () => {
  const { env } = fromUpdater([], {
    [`${PREFIX}GITHUB_TOKEN`]: "ghp_1",
    GH_TOKEN: "other",
    COSIGN_BIN: "/opt/bin/cosign",
    PATH: "/usr/bin",
  });
  assertEquals([env.GITHUB_TOKEN, env.PATH], ["ghp_1", "/opt/bin:/usr/bin"]);
  const { problems } = fromUpdater([], { COSIGN_BIN: "/opt/cosign-2" });
  assertMatch(problems.join(), /COSIGN_BIN: "\/opt\/cosign-2" cannot be used: give .* \/cosign/);
});

Deno.test("what is not quite the same is told", () => {
  const note = (variables: Record<string, string>, args: readonly string[] = []) =>
    translate(variables, args).notes.join("\n");
  assertEquals(note({}), "");
  assertMatch(note({ STUB: "" }), /STUB: it is not set, but updates are real here/);
  assertMatch(note({ LISTEN: ":9000" }), /LISTEN: ":9000" is every address of this host/);
  const elsewhere = ["--registry=img://r.io/w"];
  assertMatch(note({}, elsewhere), /REPO: --registry counts, and nobody has to have signed/);
  assertEquals(note({}, [...elsewhere, "--cosign-key=/k"]), "");
  assertMatch(fromUpdater([], {}).notes.join("\n"), /without --port requests pass liveroll by/);
});
