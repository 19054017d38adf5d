import { assertEquals, assertThrows } from "@std/assert";
import { parse } from "@std/yaml/parse";
import { requireService, type ServiceModel } from "../../../src/compose/model.ts";
import { readModel } from "../../../src/compose/read_model.ts";
import { readMount, readPort } from "../../../src/compose/short_forms.ts";

/** What docker-compose 1.29.2 prints for a stack. */
const ONE = `
services:
  db:
    build:
      context: /srv/x
    devices:
    - /dev/fuse:/dev/fuse
    network_mode: service:web
    volumes:
    - ext:/var/lib/x:rw
  web:
    container_name: webby
    depends_on:
      db:
        condition: service_started
    environment:
      PASSWORD: s3cret$$value
    healthcheck:
      test:
      - CMD
      - "true"
    image: repo/web:1
    networks:
      back:
        ipv4_address: 10.1.2.3
      default: null
    ports:
    - published: 8080
      target: 80
    - 127.0.0.1::81/tcp
    - target: 82
    - protocol: udp
      published: 9000
      target: 9000
    scale: 2
    volumes:
    - data:/data:rw
    - /srv/x/data:/d:ro
    - /anon
    - read_only: true
      source: /srv/x/data
      target: /e
      type: bind
    - target: /t
      type: tmpfs
version: '3.8'
volumes:
  data: {}
  ext:
    external: true
    name: realext
`;

/** What docker compose 2.40.3 prints for the same one. */
const TWO = {
  name: "p",
  services: {
    db: {
      build: { context: "/srv/x", dockerfile: "Dockerfile" },
      command: null,
      devices: [{ source: "/dev/fuse", target: "/dev/fuse", permissions: "rwm" }],
      network_mode: "service:web",
      volumes: [{ type: "volume", source: "ext", target: "/var/lib/x", volume: {} }],
    },
    web: {
      container_name: "webby",
      depends_on: { db: { condition: "service_started", required: true } },
      environment: { PASSWORD: "s3cret$$value" },
      healthcheck: { test: ["CMD", "true"] },
      image: "repo/web:1",
      networks: { back: { ipv4_address: "10.1.2.3" }, default: null },
      ports: [
        { mode: "ingress", target: 80, published: "8080", protocol: "tcp" },
        { mode: "ingress", host_ip: "127.0.0.1", target: 81, protocol: "tcp" },
        { mode: "ingress", target: 82, protocol: "tcp" },
        { mode: "ingress", target: 9000, published: "9000", protocol: "udp" },
      ],
      deploy: { replicas: 2 },
      volumes: [
        { type: "volume", source: "data", target: "/data", volume: {} },
        { type: "bind", source: "/srv/x/data", target: "/d", read_only: true, bind: {} },
        { type: "volume", target: "/anon", volume: {} },
        { type: "bind", source: "/srv/x/data", target: "/e", read_only: true },
        { type: "tmpfs", target: "/t" },
      ],
    },
  },
  volumes: { data: { name: "p_data" }, ext: { name: "realext", external: true } },
};

const WEB: ServiceModel = {
  name: "web",
  image: "repo/web:1",
  isBuilt: false,
  containerName: "webby",
  ports: [
    { hostIp: null, published: "8080", target: "80", protocol: "tcp" },
    { hostIp: "127.0.0.1", published: null, target: "81", protocol: "tcp" },
    { hostIp: null, published: null, target: "82", protocol: "tcp" },
    { hostIp: null, published: "9000", target: "9000", protocol: "udp" },
  ],
  mounts: [
    { type: "volume", source: "data", target: "/data", isReadOnly: false },
    { type: "bind", source: "/srv/x/data", target: "/d", isReadOnly: true },
    { type: "volume", source: null, target: "/anon", isReadOnly: false },
    { type: "bind", source: "/srv/x/data", target: "/e", isReadOnly: true },
    { type: "tmpfs", source: null, target: "/t", isReadOnly: false },
  ],
  networkMode: null,
  hosts: [],
  pullPolicy: null,
  fixedAddresses: ["back"],
  devices: [],
  replicas: 2,
  dependsOn: ["db"],
  hasHealthcheck: true,
  environment: { PASSWORD: "s3cret$value" },
};

for (const [which, config] of [["1", parse(ONE)], ["2", TWO]] as const) {
  Deno.test(`readModel() understands what compose ${which} prints`, () => {
    const model = readModel(config, "p");
    assertEquals(model.name, which === "1" ? null : "p");
    assertEquals(model.services.get("web"), WEB);
    const db = model.services.get("db")!;
    assertEquals([db.image, db.isBuilt, db.networkMode], [null, true, "service:web"]);
    assertEquals([db.devices, db.replicas, db.hasHealthcheck], [["/dev/fuse"], 1, false]);
    assertEquals(
      model.volumes,
      new Map([
        ["data", { name: "p_data", isExternal: false, isPlain: true }],
        ["ext", { name: "realext", isExternal: true, isPlain: true }],
      ]),
    );
  });
}

Deno.test("readModel() knows in whom a service lives, and when compose pulls its image", () => {
  const guest = { network_mode: "service:web", ipc: "service:db", pid: "host" };
  const services = { guest, eager: { pull_policy: "always" } };
  const model = readModel({ services }, "p");
  assertEquals(model.services.get("guest")?.hosts, ["web", "db"]);
  assertEquals(model.services.get("eager")?.pullPolicy, "always");
});

Deno.test("readModel() knows addresses that were given to a service, in both places", () => {
  const own = { mac_address: "02:42:ac:11:65:43" };
  const read = (service: unknown) =>
    readModel({ services: { a: service } }, "p").services.get("a")?.fixedAddresses;
  // As 2.40.3 and 1.29.2 print a service without networks of its own.
  assertEquals(read({ ...own, networks: { default: null } }), ["default"]);
  assertEquals(read(own), ["default"]);
  assertEquals(read({ ...own, networks: { back: null, front: { ipv4_address: "10.1.2.3" } } }), [
    "back",
    "front",
  ]);
  assertEquals(read({ networks: { back: own, front: null } }), ["back"]);
  assertEquals(read({ networks: { front: null } }), []);
});

Deno.test("readModel() knows a health check that is switched off", () => {
  const check = (healthcheck: unknown) =>
    readModel({ services: { a: { healthcheck } } }, "p").services.get("a")!.hasHealthcheck;
  assertEquals(check({ disable: true }), false);
  assertEquals(check({ test: ["NONE"] }), false);
  assertEquals(check({ test: ["CMD", "true"] }), true);
});

Deno.test("readModel() reads variables in both forms, and leaves out those without a value", () => {
  const read = (environment: unknown) =>
    readModel({ services: { a: { environment } } }, "p").services.get("a")!.environment;
  const expected = { A: "1", B: "x=y", C: "" };
  assertEquals(read(["A=1", "B=x=y", "C=", "D"]), expected);
  assertEquals(read({ A: 1, B: "x=y", C: "", D: null }), expected);
  assertEquals(read(null), {});
});

Deno.test("requireService() names the services that there are", () => {
  const model = readModel({ services: { web: { image: "x" }, db: {} } }, "p");
  assertEquals(requireService(model, "web").image, "x");
  assertThrows(
    () => requireService(model, "wbe"),
    Error,
    'Cannot find the service "wbe" in the compose file: it has db, web; one in a profile needs',
  );
});

for (const config of [null, "x", [], {}, { services: [] }]) {
  Deno.test(`readModel() refuses ${JSON.stringify(config)}`, () => {
    assertThrows(() => readModel(config, "p"), Error, "Cannot understand the configuration");
  });
}

const PORTS: readonly [
  text: string,
  hostIp: string | null,
  published: string | null,
  to: string,
][] = [
  ["80", null, null, "80"],
  ["8080:80", null, "8080", "80"],
  ["127.0.0.1:8080:80/udp", "127.0.0.1", "8080", "80"],
  ["127.0.0.1::80/tcp", "127.0.0.1", null, "80"],
  ["[::1]:8080:80", "::1", "8080", "80"],
  // As 1.29.2 prints it.
  ["::1:8080:80/tcp", "::1", "8080", "80"],
  ["0:80", null, null, "80"],
  ["9000-9001:9000-9001", null, "9000-9001", "9000-9001"],
];

for (const [text, hostIp, published, target] of PORTS) {
  Deno.test(`readPort() understands ${text}`, () => {
    const protocol = text.endsWith("/udp") ? "udp" : "tcp";
    assertEquals(readPort(text), [{ hostIp, published, target, protocol }]);
  });
}

Deno.test("readMount() tells volumes from directories, and what may be written", () => {
  const read = (text: string) => {
    const { type, source, target, isReadOnly } = readMount(text);
    return [type, source, target, isReadOnly];
  };
  assertEquals(read("data:/d"), ["volume", "data", "/d", false]);
  assertEquals(read("data:/d:z,ro"), ["volume", "data", "/d", true]);
  assertEquals(read("/srv/d:/d:rw"), ["bind", "/srv/d", "/d", false]);
  assertEquals(read("./d:/d"), ["bind", "./d", "/d", false]);
  assertEquals(read("/d"), ["volume", null, "/d", false]);
});
