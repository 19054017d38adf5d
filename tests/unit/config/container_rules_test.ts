import { assertEquals, assertMatch } from "@std/assert";
import { errors, resolved } from "./resolving.ts";

const IMAGE = ["--image=ghcr.io/me/blog:2"];

Deno.test("resolveOptions() reads how versions run in containers", () => {
  const { config } = resolved([
    ...IMAGE,
    "--container-port=3000",
    "--replicas=3",
    "--max-surge=1",
    "--run-options=-e MODE=production --memory 512m -- ./server --verbose",
    "--pull-policy=never",
    "--keep-images=2",
    "--on-stop=stop",
    "--docker-host=unix:///run/podman/podman.sock",
  ]);
  const { run: { body, name }, ...container } = config.container!;
  assertEquals(container, {
    image: { host: "ghcr.io", repository: "me/blog", tag: "2", digest: null },
    port: 3000,
    replicas: 3,
    maxSurge: 1,
    maxUnavailable: 0,
    pullPolicy: "never",
    keepImages: 2,
    onStop: "stop",
    dockerHost: "unix:///run/podman/podman.sock",
  });
  assertEquals([name, body.Env, body.Cmd], [null, ["MODE=production"], ["./server", "--verbose"]]);
  assertEquals([config.childPorts, config.exec, config.strategy], [[], "", "blue-green"]);
});

Deno.test("resolveOptions() reads what is done to data", () => {
  const { config } = resolved([
    ...IMAGE,
    "--migrate=./manage migrate --note 'two words'",
    "--migration=reversible",
    "--migrate-back=./manage migrate back",
    "--migrate-timeout=1h",
    "--snapshot=command:pg_dump blog",
    "--snapshot-restore=psql blog",
    "--snapshot-timeout=5m",
    "--keep-snapshots=9",
    "--keep-snapshots-size=20g",
  ]);
  assertEquals(config.data, {
    migrate: ["./manage", "migrate", "--note", "two words"],
    migration: "reversible",
    migrateBack: ["./manage", "migrate", "back"],
    migrateTimeoutMs: 3_600_000,
    snapshot: { kind: "command", command: "pg_dump blog" },
    snapshotRestore: "psql blog",
    snapshotTimeoutMs: 300_000,
    keepSnapshots: 9,
    keepSnapshotsBytes: 20 * 1024 ** 3,
  });
});

const LOAD = "--snapshot-restore=load";
const DATA = ["--run-options=-v data:/data", "--shared-volume=safe"];
Deno.test("--max-unavailable is of containers where there is no fleet, and none by default", () => {
  const surge = [...IMAGE, "--replicas=3", "--max-surge=1"];
  const missing = (...more: string[]) => {
    const { container, maxUnavailable } = resolved([...surge, ...more]).config;
    return [container!.maxUnavailable, maxUnavailable];
  };
  assertEquals(missing(), [0, 1]);
  assertEquals(missing("--max-unavailable=2"), [2, 2]);
  assertEquals(missing("--max-unavailable=2", "--fleet=redis://cache"), [0, 2]);
});

/** Options; then: the strategy, and why it is another one than the default. */
const STRATEGIES: readonly [readonly string[], string, RegExp | null][] = [
  [[], "blue-green", null],
  [["--run-options=-v data:/data"], "recreate", /both copies could write to the volume data/],
  [["--run-options=-v /srv/data:/data"], "recreate", /both copies could write to .*\/srv\/data/],
  [["--run-options=-v data:/data:ro"], "blue-green", null],
  [["--run-options=-v /data"], "blue-green", null],
  [["--run-options=-v data:/data", "--shared-volume=safe"], "blue-green", null],
  [["--run-options=-v data:/data", "--strategy=recreate"], "recreate", null],
  [
    ["--migrate=m", "--migration=destructive", "--snapshot=volumes", ...DATA],
    "recreate",
    /cannot live with what --migrate leaves/,
  ],
  [["--snapshot=volumes", ...DATA], "recreate", /only be copied while nobody writes/],
  [["--snapshot=command:dump", LOAD], "recreate", /writes meanwhile would be lost/],
  [["--migrate=m", "--snapshot=command:dump", LOAD], "blue-green", null],
  [
    ["--migrate=m", "--migration=reversible", "--migrate-back=b", "--snapshot=command:dump", LOAD],
    "recreate",
    /writes meanwhile would be lost/,
  ],
  [["--migrate=m"], "blue-green", null],
];

for (const [options, strategy, why] of STRATEGIES) {
  Deno.test(`strategy of containers: ${options.join(" ") || "nothing asked"}`, () => {
    const { config, warnings } = resolved([...IMAGE, ...options]);
    assertEquals(config.strategy, strategy);
    const told = warnings.filter((line) => line.startsWith("--strategy is recreate"));
    if (why === null) assertEquals(told, []);
    else assertMatch(told.join(), why);
  });
}

const SIGNER = ["--cosign-identity=me@example.com", "--cosign-issuer=https://issuer.example"];

Deno.test("images may have to be signed, with and without --registry", () => {
  const expected = { identity: "me@example.com", issuer: "https://issuer.example" };
  assertEquals(resolved([...IMAGE, ...SIGNER]).config.releases.cosignSigner, expected);
  const tags = ["--image=ghcr.io/me/blog", "--registry=img://ghcr.io/me/blog"];
  const { config } = resolved([...tags, "--cosign-key=cosign.pub"]);
  assertEquals(config.releases.cosignSigner, { key: "cosign.pub" });
});

const REFUSED: readonly [readonly string[], RegExp][] = [
  [["--image=sha256:" + "a".repeat(64)], /never gets newer/],
  [["--image=UPPER/case"], /UPPER/],
  [[...IMAGE, "--exec=./app"], /--exec: not for containers/],
  [[...IMAGE, "--pull=git pull"], /--pull: not for containers/],
  [[...IMAGE, "--child-port1=1"], /--child-port1: not for containers/],
  [[...IMAGE, "--healthcheck=notify"], /no socket to speak on/],
  [[...IMAGE, "--run-options=--privileged"], /--privileged/],
  [[...IMAGE, "--run-options=-v 'open"], /not closed/],
  [[...IMAGE, "--max-surge=1"], /there is only one of --replicas/],
  [[...IMAGE, "--replicas=2", "--max-surge=1", "--strategy=recreate"], /nothing runs beside/],
  [[...IMAGE, "--max-unavailable=1"], /there is no --fleet/],
  [
    [...IMAGE, "--replicas=2", "--max-surge=1", "--max-unavailable=2"],
    /of 2 containers one at least has to serve/,
  ],
  [[...IMAGE, "--strategy=blue-green", "--run-options=-v data:/d"], /give --shared-volume safe/],
  [[...IMAGE, "--registry=ghr://o/r"], /tags of an image/],
  [[...IMAGE, "--registry=img://ghcr.io/me/blog"], /leave the tag and the digest out/],
  [["--image=ghcr.io/me/a", "--registry=img://ghcr.io/me/blog"], /not the image/],
  [[...IMAGE, "--migration=destructive"], /there is no --migrate/],
  [[...IMAGE, "--migrate=m", "--migration=destructive"], /give --snapshot/],
  [[...IMAGE, "--migrate=m", "--migration=reversible"], /give --migrate-back/],
  [[...IMAGE, "--migrate=m", "--migrate-back=b"], /additive, not reversible/],
  [[...IMAGE, "--keep-snapshots=2"], /there is no --snapshot/],
  [[...IMAGE, "--keep-snapshots-size=2g"], /--keep-snapshots-size: there is no --snapshot/],
  [[...IMAGE, LOAD], /--snapshot-restore: there is no --snapshot/],
  [[...IMAGE, "--snapshot=command:dump"], /give --snapshot-restore/],
  [[...IMAGE, "--snapshot=volumes", ...DATA, LOAD], /put back without a command/],
  [[...IMAGE, "--snapshot=volumes"], /nothing to copy/],
  [[...IMAGE, "--snapshot=volumes", "--run-options=-v data:/d:ro -v /anon"], /nothing to copy/],
  [[...IMAGE, "--snapshot=tar"], /neither volumes nor command:CMD/],
  [[...IMAGE, "--cosign-key=k", "--pull-policy=never"], /no registry is asked for signatures/],
  [[...IMAGE, "--cosign-key=k", ...SIGNER], /there is --cosign-key, too/],
  [[...IMAGE, "--minisign-key=k"], /--minisign-key: only for releases/],
  [["--exec=e", "--registry=img://ghcr.io/me/blog", "--cosign-key=k"], /does not see their bytes/],
  [["--pull=p", "--id=i", "--exec=e", "--replicas=2"], /there is no --image/],
  [["--pull=p", "--id=i", "--exec=e", "--migrate=m"], /there is no --image/],
];

for (const [args, complaint] of REFUSED) {
  Deno.test(`refused: ${args.join(" ").slice(0, 90)}`, () => {
    assertMatch(errors(args).join("\n"), complaint);
  });
}
