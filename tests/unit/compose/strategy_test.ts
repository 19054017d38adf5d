import { assertEquals } from "@std/assert";
import { readModel } from "../../../src/compose/read_model.ts";
import {
  chooseStrategy,
  type CopyFacts,
  factsOf,
  NO_FACTS,
  type Obstacle,
  type ReplaceStrategy,
  type StrategySubject,
} from "../../../src/compose/strategy.ts";

const DATA: CopyFacts = { ...NO_FACTS, writableMounts: ["data"] };

type Answer = ReplaceStrategy | "refused";

/** What is updated; what is done if nothing was said, and if either was said. */
const MATRIX: readonly [StrategySubject, CopyFacts, Answer, Answer, Answer][] = [
  ["image", NO_FACTS, "blue-green", "recreate", "blue-green"],
  ["build", NO_FACTS, "recreate", "recreate", "blue-green"],
  ["static", NO_FACTS, "recreate", "recreate", "blue-green"],
  ["stack", NO_FACTS, "recreate", "recreate", "refused"],
  ["service", NO_FACTS, "recreate", "recreate", "blue-green"],
  ["image", DATA, "recreate", "recreate", "refused"],
  ["build", DATA, "recreate", "recreate", "refused"],
  ["static", DATA, "recreate", "recreate", "recreate"],
  ["stack", DATA, "recreate", "recreate", "refused"],
  ["service", DATA, "recreate", "recreate", "refused"],
];

for (const [subject, facts, ...expected] of MATRIX) {
  const what = facts === DATA ? `${subject} with a shared volume` : subject;
  Deno.test(`chooseStrategy() decides for ${what}: ${expected.join(", ")}`, () => {
    const answers = [null, "recreate", "blue-green"] as const;
    assertEquals(
      answers.map((wanted) =>
        chooseStrategy({ subject, wanted, facts, isSharedVolumeSafe: false }).strategy
      ),
      expected,
    );
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
  Deno.test(`chooseStrategy() gives ${obstacle} as the reason`, () => {
    const facts = { ...NO_FACTS, ...fact };
    const decide = (wanted: "blue-green" | null, isSharedVolumeSafe = false) =>
      chooseStrategy({ subject: "image", wanted, facts, isSharedVolumeSafe });
    const reasons = [{ obstacle, text }];
    assertEquals(decide("blue-green"), { strategy: "refused", reasons });
    assertEquals(decide(null), { strategy: "recreate", reasons });
    const isOverridden = obstacle === "shared_volume";
    assertEquals(decide("blue-green", true).strategy, isOverridden ? "blue-green" : "refused");
    assertEquals(decide(null, true).strategy, isOverridden ? "blue-green" : "recreate");
  });
}

Deno.test("chooseStrategy() names all obstacles at once, so that they can be removed at once", () => {
  const facts = { ...NO_FACTS, containerName: "web", hostPorts: ["80"], writableMounts: ["data"] };
  const { reasons } = chooseStrategy({
    subject: "service",
    wanted: "blue-green",
    facts,
    isSharedVolumeSafe: true,
  });
  assertEquals(reasons.map(({ obstacle }) => obstacle), ["container_name", "host_port"]);
});

Deno.test("chooseStrategy() refuses a whole stack with the way out, whatever is safe", () => {
  const question = { subject: "stack", facts: NO_FACTS, isSharedVolumeSafe: true } as const;
  const { strategy, reasons } = chooseStrategy({ ...question, wanted: "blue-green" });
  assertEquals([strategy, reasons.map(({ obstacle }) => obstacle)], ["refused", ["whole_stack"]]);
  assertEquals(reasons[0]!.text.includes("name the services"), true);
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
