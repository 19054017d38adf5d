import { assertEquals, assertMatch } from "@std/assert";
import { metricsOf } from "../../../src/metrics/list.ts";
import type { Metric, Sample } from "../../../src/metrics/metric.ts";
import { APP_STATES } from "../../../src/roll/events.ts";
import { PHASES } from "../../../src/roll/journal.ts";
import type { Facts } from "../../../src/metrics/facts.ts";
import { Counters } from "../../../src/proxy/counters.ts";
import { noCounts, sampleFacts } from "./sample_facts.ts";

/** Whatever may be told. */
const ALL = [...metricsOf("relay"), ...metricsOf("tcp", { inContainers: true })];

function samples(name: string, changes: Partial<Facts> = {}): readonly Sample[] {
  const metric = find(name);
  if (metric.type === "histogram") throw new TypeError(`Cannot use ${name}: it is a histogram`);
  return metric.read(sampleFacts(changes));
}

function find(name: string): Metric {
  const metric = ALL.find((one) => one.name === name);
  if (metric === undefined) throw new TypeError(`Cannot find ${name}`);
  return metric;
}

/** The sums of all samples, by the values of their labels. */
function values(name: string, changes: Partial<Facts> = {}): Record<string, number> {
  return Object.fromEntries(
    samples(name, changes).map(({ labels, value }) => [Object.values(labels).join(), value]),
  );
}

for (const engine of ["relay", "fetch", "tcp"] as const) {
  Deno.test(`with the engine ${engine} every series exists from the start`, () => {
    const facts = sampleFacts();
    const absent = metricsOf(engine, { inContainers: true }).filter((metric) =>
      metric.read(facts).length === 0
    );
    assertEquals(absent.map(({ name }) => name), []);
  });

  Deno.test(`with the engine ${engine} every name is used once, and well formed`, () => {
    const names = metricsOf(engine, { inContainers: true }).map(({ name }) => name);
    assertEquals(new Set(names).size, names.length);
    for (const name of names) assertMatch(name, /^(liveroll|process)_[a-z]+(_[a-z]+)*$/);
  });
}

Deno.test("counters end in _total, and nothing else does", () => {
  for (const { name, type } of ALL) {
    assertEquals(name.endsWith("_total"), type === "counter", name);
  }
});

Deno.test("exactly one state is 1", () => {
  const counts = { ...noCounts(), state: "degraded" } as const;
  const all = values("liveroll_state", { counts });
  assertEquals(Object.keys(all), [...APP_STATES]);
  assertEquals(Object.entries(all).filter(([, value]) => value !== 0), [["degraded", 1]]);
});

Deno.test("while no version serves its id is empty, and its backend down", () => {
  assertEquals(samples("liveroll_current_version_info"), [{ labels: { id: "" }, value: 0 }]);
  assertEquals(samples("liveroll_backend_up"), [{ labels: {}, value: 0 }]);
});

Deno.test("the version that serves is named, and its backend up", () => {
  const changes = { currentId: "v7" };
  const current = [{ labels: { id: "v7" }, value: 1 }];
  assertEquals(samples("liveroll_current_version_info", changes), current);
  assertEquals(samples("liveroll_backend_up", changes), [{ labels: {}, value: 1 }]);
});

Deno.test("containers are counted where there are any", () => {
  const changes = { counts: { ...noCounts(), containerDeaths: { false: 4, true: 1 } } };
  assertEquals(values("liveroll_replicas_wanted"), { "": 3 });
  assertEquals(values("liveroll_replicas_well"), { "": 2 });
  assertEquals(values("liveroll_container_deaths_total", changes), { false: 4, true: 1 });
  const without = metricsOf("relay").map(({ name }) => name);
  assertEquals(without.filter((name) => /replicas|container/.test(name)), []);
});

Deno.test("every phase has its distribution", () => {
  const metric = find("liveroll_roll_phase_duration_seconds");
  const phases = metric.read(sampleFacts()).map(({ labels }) => labels.phase);
  assertEquals(phases, [...PHASES]);
});

Deno.test("what people have asked for is told, each in its own metric", () => {
  const names = [
    "liveroll_updates_paused",
    "liveroll_updates_pinned",
    "liveroll_traffic_held",
    "liveroll_maintenance",
  ];
  const none = { paused: false, pinned: null, held: false, maintenance: null };
  const wishes = [{ paused: true }, { pinned: "v1" }, { held: true }, { maintenance: "" }];
  for (const [index, wish] of wishes.entries()) {
    const settings = { ...none, ...wish };
    const told = names.map((name) => samples(name, { settings })[0]?.value);
    assertEquals(told, names.map((_, at) => at === index ? 1 : 0));
  }
});

Deno.test("counts of requests go to the metrics of their names", () => {
  const counters = new Counters();
  Object.assign(counters, { total: 9, failed: 1, clientGone: 2, cut: 3, inFlight: 4, held: 5 });
  counters.countAnswer(204);
  counters.countRetry("reused_dead");
  const requests = counters.snapshot();
  const one = (name: string) => samples(name, { requests })[0]?.value;
  assertEquals(one("liveroll_http_requests_total"), 9);
  assertEquals(one("liveroll_http_requests_failed_total"), 1);
  assertEquals(one("liveroll_http_requests_client_gone_total"), 2);
  assertEquals(one("liveroll_http_requests_cut_total"), 3);
  assertEquals(one("liveroll_http_requests_in_flight"), 4);
  assertEquals(one("liveroll_http_requests_held"), 5);
  assertEquals(values("liveroll_http_responses_total", { requests })["2xx"], 1);
  assertEquals(values("liveroll_http_retries_total", { requests }).reused_dead, 1);
  assertEquals(one("liveroll_tcp_connections_total"), 9);
  assertEquals(one("liveroll_tcp_connections_open"), 4);
});

Deno.test("the engine tcp tells nothing of HTTP, and the others nothing of TCP", () => {
  const names = (engine: "relay" | "fetch" | "tcp") =>
    metricsOf(engine).map(({ name }) => name).join();
  assertEquals(names("tcp").includes("_http_"), false);
  assertEquals(names("relay").includes("_tcp_"), false);
  assertEquals(names("fetch"), names("relay"));
});
