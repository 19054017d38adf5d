import { assert, assertEquals, assertMatch } from "@std/assert";
import { readModel } from "../../../src/compose/read_model.ts";
import { planStack } from "../../../src/compose/stack_plan.ts";
import {
  type CopyFacts,
  factsOf,
  type Obstacle,
  obstacles,
  type ReplaceStrategy,
} from "../../../src/compose/strategy.ts";
import type { Config } from "../../../src/config/config.ts";
import { errors, resolve, type Surroundings } from "../config/resolving.ts";

const NO_FACTS: CopyFacts = {
  containerName: null,
  hostPorts: [],
  isOnHostNetwork: false,
  fixedAddresses: [],
  devices: [],
  networkUsers: [],
  writableMounts: [],
};

/** `one step`: files are exchanged, nothing runs. */
type Answer = ReplaceStrategy | "refused" | "one step";

interface Row {
  what: string;
  args: readonly string[];
  subject?: Surroundings["subject"];
  /** What is in the compose file. */
  services?: object;
  /** What is done if nothing is said, with `--strategy recreate`, and with `--strategy blue-green`. */
  expected: readonly [Answer, Answer, Answer];
}

const IMAGE = "--image=ghcr.io/me/blog:2";
const DATA = "--run-options=-v data:/data";
const WEB = ["--compose-file=/srv/blog/compose.yaml", "--service=web"];
const BLOG = { image: "ghcr.io/me/blog:2" };
const PAIR = { web: BLOG, worker: BLOG };
const BUILT = { ...BLOG, build: "." };
const WITH_DATA = { ...BLOG, volumes: ["data:/data"] };
const ALWAYS_REFUSED = ["refused", "refused", "refused"] as const;

/** As options and compose files reach it, from the command line to the plan. */
const MATRIX: readonly Row[] = [
  { what: "an image", args: [IMAGE], expected: ["blue-green", "recreate", "blue-green"] },
  {
    what: "an image with a volume",
    args: [IMAGE, DATA],
    expected: ["recreate", "recreate", "refused"],
  },
  {
    what: "an image with a volume that may be shared",
    args: [IMAGE, DATA, "--shared-volume=safe"],
    expected: ["blue-green", "recreate", "blue-green"],
  },
  {
    what: "a service that is built here, and published",
    args: WEB,
    services: { web: BUILT, db: { image: "postgres:15" } },
    expected: ["recreate", "recreate", "blue-green"],
  },
  {
    what: "a service that is only built here",
    args: WEB,
    services: { web: { build: "." } },
    expected: ALWAYS_REFUSED,
  },
  {
    what: "files",
    args: ["--registry=ghr://me/site"],
    subject: "assets",
    expected: ["one step", "refused", "refused"],
  },
  {
    what: "a service",
    args: WEB,
    services: PAIR,
    expected: ["recreate", "recreate", "blue-green"],
  },
  {
    what: "a service with a volume",
    args: WEB,
    services: { web: WITH_DATA, worker: BLOG },
    expected: ["recreate", "recreate", "refused"],
  },
  {
    what: "a service with a volume that may be shared",
    args: [...WEB, "--shared-volume=safe"],
    services: { web: WITH_DATA, worker: BLOG },
    expected: ["recreate", "recreate", "blue-green"],
  },
  {
    what: "a whole stack",
    args: [...WEB, "--service=worker"],
    services: PAIR,
    expected: ["recreate", "recreate", "refused"],
  },
  {
    what: "a whole stack with volumes that may be shared",
    args: [...WEB, "--service=worker", "--shared-volume=safe"],
    services: { web: WITH_DATA, worker: BLOG },
    expected: ["recreate", "recreate", "refused"],
  },
];

for (const row of MATRIX) {
  Deno.test(`how to replace ${row.what}: ${row.expected.join(", ")}`, async () => {
    const answers: Answer[] = [];
    for (const wanted of [[], ["--strategy=recreate"], ["--strategy=blue-green"]]) {
      answers.push(await answerTo(row, wanted));
    }
    assertEquals(answers, [...row.expected]);
  });
}

async function answerTo({ args, subject, services }: Row, wanted: string[]): Promise<Answer> {
  const resolution = resolve([...args, ...wanted], subject === undefined ? {} : { subject });
  if (resolution.kind === "errors") {
    assertMatch(resolution.errors.join("\n"), /^--strategy: [^\n]*$/);
    return "refused";
  }
  assert(resolution.kind === "config");
  const { config } = resolution.resolved;
  if (config.subject === "assets") return "one step";
  return services === undefined ? config.strategy : await planned(config, services);
}

/** As `openStack()` asks for it. */
async function planned({ compose, strategy }: Config, services: object): Promise<Answer> {
  assert(compose !== null);
  const model = readModel({ services, volumes: { data: {} } }, "blog");
  const program = {
    defaultProject: () => Promise.resolve(null),
    config: () => Promise.resolve(model),
  };
  const wishes = {
    strategy,
    containerPort: null,
    listens: [],
    registry: null,
    env: {},
    envFile: {},
  };
  try {
    return (await planStack(program, compose, wishes)).strategy;
  } catch (error) {
    assertMatch(String(error), /by blue-green|it has no image: in the compose file/);
    return "refused";
  }
}

for (const unknown of ["canary", "Blue-Green", " recreate", ""]) {
  Deno.test(`no strategy is called ${JSON.stringify(unknown)}`, () => {
    const [complaint = ""] = errors([IMAGE, `--strategy=${unknown}`]);
    assertMatch(complaint, /^--strategy: /);
  });
}

const OBSTACLES: readonly [Obstacle, Partial<CopyFacts>, text: string][] = [
  ["container_name", { containerName: "web" }, "only one container can have the name web"],
  [
    "host_port",
    { hostPorts: ["80", "127.0.0.1:81"] },
    "only one container can have the host's port 80, 127.0.0.1:81",
  ],
  ["host_network", { isOnHostNetwork: true }, "both copies would listen on the host's network"],
  ["fixed_address", { fixedAddresses: ["back"] }, "it has a fixed address in network back"],
  ["device", { devices: ["/dev/fuse"] }, "both copies would use the device /dev/fuse"],
  ["network_owner", { networkUsers: ["vpn"] }, "vpn lives in its network"],
  [
    "shared_volume",
    { writableMounts: ["data", "/srv"] },
    "both copies would write to data, /srv; if they may, say --shared-volume safe",
  ],
];

for (const [obstacle, fact, text] of OBSTACLES) {
  Deno.test(`obstacles() gives ${obstacle} as the reason`, () => {
    const facts = { ...NO_FACTS, ...fact };
    const reasons = [{ obstacle, text }];
    assertEquals(obstacles(facts, false), reasons);
    assertEquals(obstacles(facts, true), obstacle === "shared_volume" ? [] : reasons);
  });
}

Deno.test("obstacles() names all at once, so that they can be removed at once", () => {
  const facts = { ...NO_FACTS, containerName: "web", hostPorts: ["80"], writableMounts: ["data"] };
  const names = obstacles(facts, true).map(({ obstacle }) => obstacle);
  assertEquals(names, ["container_name", "host_port"]);
});

Deno.test("factsOf() finds in a model what stands in the way of a second copy", () => {
  const model = readModel({
    services: {
      web: {
        container_name: "web",
        networks: { back: { ipv4_address: "10.1.2.3" } },
        devices: ["/dev/fuse:/dev/fuse"],
        ports: ["8080:80", "127.0.0.1:81:81", "127.0.0.1::82", "83"],
        volumes: ["data:/d", "/srv:/s", "cfg:/c:ro", "/anon", { type: "tmpfs", target: "/t" }],
      },
      vpn: { network_mode: "service:web" },
      api: { image: "x", scale: 3, networks: { default: null } },
      dns: { network_mode: "host" },
    },
  }, "p");
  const facts = (name: string) => factsOf(model.services.get(name)!, model);
  assertEquals(facts("web"), {
    containerName: "web",
    hostPorts: ["8080", "127.0.0.1:81"],
    isOnHostNetwork: false,
    fixedAddresses: ["back"],
    devices: ["/dev/fuse"],
    networkUsers: ["vpn"],
    writableMounts: ["data", "/srv"],
  });
  assertEquals(facts("api"), NO_FACTS);
  assertEquals(facts("dns"), { ...NO_FACTS, isOnHostNetwork: true });
});
