import { assertEquals, assertRejects } from "@std/assert";
import { planStack, type StackOptions, type StackWishes } from "../../../src/compose/stack_plan.ts";
import { readModel } from "../../../src/compose/read_model.ts";

const OPTIONS: StackOptions = {
  files: ["/srv/blog/compose.yaml"],
  services: ["web"],
  projectName: null,
  envFile: null,
  envKey: null,
  isSharedVolumeSafe: false,
};

const WISHES: StackWishes = {
  strategy: "recreate",
  containerPort: null,
  listens: [80],
  registry: null,
  env: {},
  envFile: {},
};

const IMAGE = "ghcr.io/me/blog:2";
const SERVICES = {
  web: { image: IMAGE, ports: ["127.0.0.1:3000:3000"] },
  worker: { image: IMAGE },
  plain: { image: "ghcr.io/me/blog:3" },
  data: { image: IMAGE, volumes: ["files:/data"] },
  built: { build: "." },
  db: { image: "postgres:15" },
  silent: { image: IMAGE, network_mode: "none" },
  guest: { image: IMAGE, network_mode: "service:db" },
  many: { image: IMAGE, ports: ["3000", "4000"] },
};

function plan(
  options: Partial<StackOptions> = {},
  wishes: Partial<StackWishes> = {},
  services: object = SERVICES,
  name: string | null = null,
) {
  const compose = {
    defaultProject: () => Promise.resolve(name),
    config: () => Promise.resolve(readModel({ services, volumes: { files: {} } }, "blog")),
  };
  return planStack(compose, { ...OPTIONS, ...options }, { ...WISHES, ...wishes });
}

Deno.test("a plan has what the file says, in the operator's own directory", async () => {
  const { stack, image, port, services, strategy } = await plan({ services: ["web", "worker"] });
  assertEquals(stack, {
    project: "blog",
    directory: "/srv/blog",
    files: ["/srv/blog/compose.yaml"],
    envFile: null,
    profiles: [],
  });
  assertEquals(image, { host: "ghcr.io", repository: "me/blog", tag: "2", digest: null });
  assertEquals(services.map(({ name }) => name), ["web", "worker"]);
  assertEquals([port, strategy], [3000, "recreate"]);
});

Deno.test("requests go to the port that was said, or to the only one that is published", async () => {
  const ports = [
    await plan({}, { containerPort: 1 }),
    await plan({ services: ["worker"] }),
    await plan({ services: ["many"] }),
  ];
  assertEquals(ports.map(({ port }) => port), [1, null, null]);
});

const NAMES: readonly [Partial<StackOptions>, Partial<StackWishes>, string | null, string][] = [
  [{ projectName: "mine" }, { env: { COMPOSE_PROJECT_NAME: "theirs" } }, "named", "mine option"],
  [{}, { env: { COMPOSE_PROJECT_NAME: "theirs" } }, "named", "theirs environment"],
  [{}, { envFile: { COMPOSE_PROJECT_NAME: "kept" } }, "named", "kept environment"],
  [{}, {}, "named", "named file"],
  [{}, {}, null, "blog directory"],
];

for (const [options, wishes, byFile, expected] of NAMES) {
  Deno.test(`the project is named: ${expected}`, async () => {
    const { project } = await plan(options, wishes, SERVICES, byFile);
    assertEquals(`${project.name} ${project.origin}`, expected);
  });
}

const GREEN = { strategy: "blue-green" } as const;
const REGISTRY = { host: "ghcr.io", repository: "me/other" };

const REFUSED: readonly [readonly string[], Partial<StackWishes>, string][] = [
  [["webb"], {}, 'Cannot find the service "webb" in the compose file: it has built, data, db'],
  [["web"], { listens: [80, 3000] }, "Cannot listen on port 3000: the service web publishes it"],
  [["built"], {}, "Cannot update the service built: it has no image: in the compose file"],
  [["web", "db"], {}, "it runs docker.io/library/postgres, and web runs ghcr.io/me/blog; one"],
  [["web"], { registry: REGISTRY }, "and --registry names ghcr.io/me/other"],
  [["silent"], {}, "it has no network of its own (network_mode: none)"],
  [["guest"], {}, "it has no network of its own (network_mode: service:db)"],
  [["web"], GREEN, "the service web by blue-green: only one container can have the host's port"],
  [["data"], GREEN, "both copies would write to files; if they may, say --shared-volume safe"],
];

for (const [services, wishes, complaint] of REFUSED) {
  Deno.test(`refused: ${services.join(" and ")}, as ${complaint}`, async () => {
    await assertRejects(() => plan({ services }, wishes), Error, complaint);
  });
}

Deno.test("a service in which another one lives is not replaced, unless that goes along", async () => {
  const services = { web: { image: IMAGE }, vpn: { image: IMAGE, network_mode: "service:web" } };
  await assertRejects(
    () => plan({}, {}, services),
    Error,
    "Cannot update the service web: vpn lives in it (service:web in its network_mode, ipc or pid)",
  );
  assertEquals((await plan({ services: ["web", "vpn"] }, {}, services)).strategy, "recreate");
});

Deno.test("a service without a container cannot get requests", async () => {
  const services = { web: { image: IMAGE, scale: 0 } };
  await assertRejects(() => plan({}, {}, services), Error, "the file asks for no container of it");
});

Deno.test("services that may be there twice are replaced side by side, a whole stack is not", async () => {
  const services = { a: { image: IMAGE }, b: { image: IMAGE } };
  const { strategy } = await plan({ services: ["a"] }, GREEN, services);
  assertEquals(strategy, "blue-green");
  const whole = () => plan({ services: ["a", "b"] }, GREEN, services);
  await assertRejects(whole, Error, "a whole stack cannot be there twice");
  const alone = await plan({ services: ["a"] }, GREEN, { a: { image: IMAGE } });
  assertEquals(alone.strategy, "blue-green");
});
