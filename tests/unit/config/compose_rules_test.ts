import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { errors, resolved } from "./resolving.ts";

const WEB = ["--compose-file=compose.yaml", "--service=web"];

Deno.test("resolveOptions() reads which services of a compose file are updated", () => {
  const { config } = resolved([
    "--compose-file=compose.yaml",
    "--compose-file=/etc/blog/prod.yaml",
    "--service=web",
    "--service=worker",
    "--project-name=blog",
    "--registry=img://ghcr.io/me/blog",
    "--env-file=prod.env",
    "--env-key=VERSION",
    "--shared-volume=safe",
    "--container-port=3000",
    "--pull-policy=never",
    "--keep-images=2",
    "--on-stop=stop",
    "--docker-host=unix:///run/podman/podman.sock",
  ]);
  assertEquals(config.compose, {
    files: ["/compose.yaml", "/etc/blog/prod.yaml"],
    services: ["web", "worker"],
    projectName: "blog",
    envFile: "/prod.env",
    envKey: "VERSION",
    isSharedVolumeSafe: true,
    port: 3000,
    pullPolicy: "never",
    keepImages: 2,
    onStop: "stop",
    dockerHost: "unix:///run/podman/podman.sock",
  });
  assertEquals([config.childPorts, config.exec, config.container], [[], "", null]);
});

Deno.test("services are recreated unless blue-green is asked for", () => {
  assertEquals(resolved(WEB).config.strategy, "recreate");
  assertEquals(resolved([...WEB, "--strategy=blue-green"]).config.strategy, "blue-green");
});

Deno.test("images of services may have to be signed, with a registry and without", () => {
  for (const more of [[], ["--registry=img://ghcr.io/me/blog"]]) {
    const { config } = resolved([...WEB, ...more, "--cosign-key=/k.pub"]);
    assertEquals(config.releases.cosignSigner, { key: "/k.pub" });
  }
});

const REFUSED: readonly [readonly string[], RegExp][] = [
  [["--compose-file=c.yaml"], /^--service is required/],
  [["--compose-file=c.yaml", "--service=-x"], /--service: Cannot use "-x" as the name of a serv/],
  [[...WEB, "--exec=./app"], /--exec: not for containers, which --compose-file asks for/],
  [[...WEB, "--image=a"], /--image: the compose file says that/],
  [[...WEB, "--replicas=2"], /--replicas: the compose file says that/],
  [[...WEB, "--run-options=-v a:/b"], /--run-options: the compose file says that/],
  [[...WEB, "--max-surge=1"], /--max-surge: services are replaced as a whole/],
  [[...WEB, "--snapshot=command:pg_dump"], /could not be put back: give --snapshot-restore/],
  [[...WEB, "--snapshot=volumes", "--snapshot-restore=r"], /put back without a command, remove/],
  [[...WEB, "--migrate=m", "--migration=destructive"], /has to be saved: give --snapshot/],
  [
    [...WEB, "--strategy=blue-green", "--snapshot=volumes"],
    /blue-green is not possible: volumes can only be copied while nobody writes to them/,
  ],
  [[...WEB, "--engine=direct"], /--engine: a container cannot be given a socket/],
  [[...WEB, "--healthcheck=notify"], /no socket to speak on/],
  [[...WEB, "--registry=ghr://o/r"], /--registry: the versions of a service are tags/],
  [[...WEB, "--env-file=e", "--env-key=V"], /--env-key: nobody names versions to set it to/],
  [[...WEB, "--registry=img://h.io/r", "--env-key=V"], /--env-key: there is no --env-file/],
  [[...WEB, "--env-key=1V"], /--env-key: Cannot use "1V" as a name in an environment file/],
  [[...WEB, "--migration=reversible", "--migrate=m"], /give --migrate-back/],
  [["--pull=p", "--id=i", "--exec=e", "--service=web"], /--service: only for services, but there/],
  [["--pull=p", "--id=i", "--exec=e", "--env-file=f"], /--env-file: only for services, but there/],
];

for (const [args, complaint] of REFUSED) {
  Deno.test(`refused: ${args.slice(-2).join(" ")}`, () => {
    assertMatch(errors(args).join("\n"), complaint);
  });
}

Deno.test("what is done to the data of services is read as for containers", () => {
  const { data, strategy } = resolved([
    ...WEB,
    "--migrate=./app migrate",
    "--migration=destructive",
    "--snapshot=volumes",
    "--keep-snapshots=2",
  ]).config;
  assertEquals([data.migration, data.snapshot, data.keepSnapshots], [
    "destructive",
    { kind: "volumes" },
    2,
  ]);
  assertEquals(strategy, "recreate");
});

Deno.test("images of services may have to be signed, wherever their versions come from", () => {
  const registry = "--registry=img://ghcr.io/me/blog";
  assertNotEquals(
    resolved([...WEB, registry, "--cosign-key=k"]).config.releases.cosignSigner,
    null,
  );
});
