import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { metricsOf } from "../../src/metrics/list.ts";
import { shows, withPage } from "../helpers/browser.ts";
import { Home } from "../helpers/home.ts";
import { type Answer, ask } from "../helpers/http.ts";
import {
  type Liveroll,
  type LiverollOptions,
  withLiveroll,
  withStarting,
} from "../helpers/liveroll.ts";
import { Load } from "../helpers/load.ts";
import { OtlpReceiver, plain } from "../helpers/otlp_receiver.ts";
import { needs, program } from "../helpers/skip.ts";

const TOKEN = "a-token-for-the-tests-of-the-metrics";

/** A home, and the flags of a liveroll that can be asked for its metrics at the spare port. */
class Scene implements Disposable {
  readonly home = new Home();
  readonly flags: Record<string, string>;

  constructor() {
    const file = `${this.home.workspace.dir}/token`;
    Deno.writeTextFileSync(file, `${TOKEN}\n`, { mode: 0o600 });
    const address = `127.0.0.1:${this.home.sparePort}`;
    this.flags = { "control-listen": address, "control-token-file": file };
  }

  options({ flags, ...options }: LiverollOptions = {}): LiverollOptions {
    return { home: this.home, version: "v1", ...options, flags: { ...this.flags, ...flags } };
  }

  scrape(): Promise<Answer> {
    const headers = { authorization: `Bearer ${TOKEN}` };
    return ask(this.home.sparePort, "/metrics", { headers });
  }

  /** All samples by their series, without the label `app`. */
  async samples(): Promise<Map<string, number>> {
    const { status, text } = await this.scrape();
    assertEquals(status, 200);
    return new Map(
      text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).map(sample),
    );
  }

  [Symbol.dispose](): void {
    this.home[Symbol.dispose]();
  }
}

function sample(line: string): [string, number] {
  const [, name, labels = "", value] = /^(\w+)\{app="[^"]*",?(.*)\} (\S+)$/.exec(line) ?? [];
  return [labels === "" ? `${name}` : `${name}{${labels}}`, Number(value)];
}

async function withMetrics(
  options: LiverollOptions,
  test: (liveroll: Liveroll, scene: Scene) => Promise<void>,
): Promise<void> {
  using scene = new Scene();
  await withLiveroll(scene.options(options), (liveroll) => test(liveroll, scene));
}

Deno.test("the metrics tell what happened", () =>
  withMetrics({}, async (liveroll, scene) => {
    const began = Date.now() / 1000;
    for (let i = 0; i < 5; i++) await liveroll.ask("/");
    await liveroll.rollAndRetire("v2");
    liveroll.offer("v3", { crash: { code: 1, lastWords: [] } });
    await liveroll.waitFor("roll.failed", { id: "v3" });
    const all = await scene.samples();
    const get = (series: string) => all.get(series);
    assertEquals(get('liveroll_rolls_total{outcome="succeeded"}'), 2);
    assertEquals(get('liveroll_rolls_total{outcome="failed"}'), 1);
    assertEquals(get('liveroll_rolls_total{outcome="rolled_back"}'), 0);
    assertEquals(get('liveroll_checks_total{outcome="found"}'), 3);
    assertEquals(get('liveroll_check_errors_total{step="pull"}'), 0);
    assertEquals(get('liveroll_current_version_info{id="v2"}'), 1);
    assertEquals(get("liveroll_backend_up"), 1);
    assertEquals(get("liveroll_quarantined_versions"), 1);
    assertEquals(get("liveroll_instance_crashes_total"), 0);
    assertEquals(get("liveroll_state_writable"), 1);
    assertEquals(get('liveroll_roll_phase_duration_seconds_count{phase="switch"}'), 2);
    assertEquals(get('liveroll_roll_phase_duration_seconds_count{phase="stop"}'), 1);
    assertEquals(get("liveroll_http_requests_total"), 5);
    assertEquals(get('liveroll_http_responses_total{code_class="2xx"}'), 5);
    assertEquals(get("liveroll_http_request_duration_seconds_count"), 5);
    assert((get("liveroll_last_roll_success_timestamp_seconds") ?? 0) >= began - 60);
    assert((get("liveroll_last_check_success_timestamp_seconds") ?? 0) >= began);
    const states = [...all].filter(([series]) => series.startsWith("liveroll_state{"));
    assertEquals(states.reduce((sum, [, value]) => sum + value, 0), 1);
  }));

Deno.test("they come in the form that Prometheus expects, over TCP and the socket", () =>
  withMetrics({}, async (_, scene) => {
    const type = "text/plain; version=0.0.4; charset=utf-8";
    const { headers, text } = await scene.scrape();
    assertEquals(headers.get("content-type"), type);
    const proxy = { transport: "unix", path: scene.home.socketPath } as const;
    using client = Deno.createHttpClient({ proxy });
    const response = await fetch("http://localhost/metrics", { client });
    assertEquals(response.headers.get("content-type"), type);
    const families = (body: string) => body.match(/^# TYPE .*$/gm);
    assertEquals(families(await response.text()), families(text));
    assertEquals((await ask(scene.home.sparePort, "/metrics")).status, 401);
  }));

Deno.test("checks that fail are told by their step", () =>
  withMetrics(
    { flags: { pull: `test "$(cat "$TOY_DIR/version")" != v2` } },
    async (liveroll, scene) => {
      const since = liveroll.offer("v2");
      await liveroll.waitFor("check.failed", { step: "pull" }, since);
      await liveroll.waitForText("check.failed", since);
      const all = await scene.samples();
      assertEquals(all.get('liveroll_check_errors_total{step="pull"}'), 1);
      assertEquals(all.get('liveroll_checks_total{outcome="failed"}'), 1);
      assertEquals(all.get('liveroll_checks_total{outcome="found"}'), 1);
    },
  ));

Deno.test("a forced check that finds what runs already is counted, too", () =>
  withMetrics({}, async (liveroll, scene) => {
    await liveroll.rollAndRetireSame();
    const all = await scene.samples();
    assertEquals(all.get('liveroll_checks_total{outcome="found"}'), 2);
    assertEquals(all.get('liveroll_rolls_total{outcome="succeeded"}'), 2);
  }));

Deno.test("secrets are taken out of ids", () =>
  withMetrics(
    { version: "v1-hunter2hunter2", env: { DB_PASSWORD: "hunter2hunter2" } },
    async (_, scene) => {
      const { text } = await scene.scrape();
      assertStringIncludes(text, 'id="v1-[redacted]"');
      assertEquals(text.includes("hunter2"), false);
    },
  ));

Deno.test("a crash is counted, and healed", () =>
  withMetrics({ behaviour: { exitAfterMs: 300 } }, async (liveroll, scene) => {
    await liveroll.waitFor("instance.exited");
    assert((await scene.samples()).get("liveroll_instance_crashes_total")! >= 1);
  }));

Deno.test("a new life begins to count anew, but knows when a roll succeeded last", async () => {
  using scene = new Scene();
  let first: number | undefined;
  await withLiveroll(scene.options(), async () => {
    first = (await scene.samples()).get("liveroll_last_roll_success_timestamp_seconds");
  });
  scene.home.workspace.setBehaviour("v1", { crash: { code: 1, lastWords: [] } });
  await withStarting(scene.options({ version: null }), async (liveroll) => {
    await liveroll.waitFor("roll.failed");
    const all = await scene.samples();
    assertEquals(all.get('liveroll_rolls_total{outcome="succeeded"}'), 0);
    assertEquals(all.get("liveroll_backend_up"), 0);
    assertEquals(all.get('liveroll_current_version_info{id=""}'), 0);
    const second = all.get("liveroll_last_roll_success_timestamp_seconds") ?? 0;
    assert(Math.abs(second - first!) < 1, `${first} ${second}`);
  });
});

Deno.test("with the engine tcp connections are counted, and nothing is said of HTTP", () =>
  withMetrics({ flags: { engine: "tcp" } }, async (liveroll, scene) => {
    await liveroll.ask("/");
    const all = await scene.samples();
    assertEquals(all.get("liveroll_tcp_connections_total"), 1);
    assertEquals([...all.keys()].filter((series) => series.includes("_http_")), []);
  }));

Deno.test({
  name: "the status page draws the traffic",
  ...needs(program("chromium")),
  fn: () =>
    withMetrics({}, async (liveroll, scene) => {
      await using load = new Load(liveroll.port, { keepAlive: 1, fresh: 1 });
      await load.sees("v1");
      const address = `http://127.0.0.1:${scene.home.sparePort}/`;
      await withPage(address, { tolerate: /401/ }, async (page) => {
        await page.getByLabel("Token", { exact: true }).fill(TOKEN);
        await page.keyboard.press("Enter");
        const summary = page.locator("#traffic-summary");
        await shows(summary, /Now [1-9][\d.,]* requests\/s, 0 failed\/s, 95 % answered within/);
        await shows(summary, "none failed");
        const line = await page.locator("#traffic-chart .chart-line").getAttribute("d");
        assertMatch(line ?? "", /^M[\d.]/);
      });
      await load.stop();
    }),
});

Deno.test("OpenTelemetry gets the metrics, and every roll as a trace", async () => {
  await using receiver = new OtlpReceiver();
  await withLiveroll({ app: "python", env: receiver.env }, async (liveroll) => {
    await liveroll.waitFor("state", { state: "serving" });
    await liveroll.ask("/");
    await liveroll.rollAndRetire("v2");
    liveroll.offer("v3", { crash: { code: 3, lastWords: [] } });
    await liveroll.waitFor("roll.failed", { id: "v3" });
    await receiver.waitFor(() =>
      receiver.value("liveroll_rolls_total", { outcome: "failed" }) === 1
    );
    assertEquals(receiver.value("liveroll_rolls_total", { outcome: "succeeded" }), 2);
    assertEquals(receiver.value("liveroll_current_version_info", { id: "v2" }), 1);
    assertEquals(receiver.value("liveroll_http_requests_total"), 1);
    const le = { le: "+Inf", phase: "switch" };
    assertEquals(receiver.value("liveroll_roll_phase_duration_seconds_bucket", le), 2);
    const names = metricsOf("relay").flatMap(({ name, type }) =>
      type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name]
    );
    assertEquals([...receiver.points.keys()].sort(), names.sort());
  });
  const rolls = receiver.spans.filter(({ name }) => name === "roll");
  const outcomes = rolls.map(({ attributes }) => {
    const { "liveroll.to": to, "liveroll.outcome": outcome } = plain(attributes);
    return `${to} ${outcome}`;
  });
  assertEquals(outcomes.sort(), ["v1 succeeded", "v2 succeeded", "v3 failed"]);
  const second = rolls.find(({ attributes }) => plain(attributes)["liveroll.to"] === "v2")!;
  assertEquals(new Set(rolls.map(({ traceId }) => traceId)).size, 3);
  assertEquals(rolls.map(({ parentSpanId }) => parentSpanId), ["", "", ""]);
  const phases = receiver.spans.filter(({ parentSpanId }) => parentSpanId === second.spanId);
  assertEquals(phases.map(({ name }) => name).sort(), [
    "drain",
    "gate",
    "port",
    "start",
    "stop",
    "switch",
  ]);
  assert(phases.every(({ traceId }) => traceId === second.traceId));
  assert(second.events.some(({ name }) => name === "switched"));
});

Deno.test("the application gets the variables of OpenTelemetry as they are", async () => {
  await using receiver = new OtlpReceiver();
  const env = { ...receiver.env, OTEL_SERVICE_NAME: "blog" };
  await withLiveroll({ app: "python", env }, (liveroll) => {
    const [child] = liveroll.children().values();
    const given = Object.entries(child?.[0]?.env ?? {}).filter(([name]) => name in env);
    assertEquals(Object.fromEntries(given), env);
    return Promise.resolve();
  });
});

Deno.test("where OpenTelemetry is disabled liveroll says so, and serves", () =>
  withLiveroll({ env: { OTEL_DENO: "true", OTEL_SDK_DISABLED: "true" } }, async (liveroll) => {
    const { text } = await liveroll.waitForText("telemetry.off");
    assertStringIncludes(text, "Cannot export to OpenTelemetry: it is disabled");
    assertEquals((await liveroll.ask("/")).status, 200);
  }));

Deno.test("a collector that nobody runs disturbs nothing", () =>
  withLiveroll(
    { env: { OTEL_DENO: "true", OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" } },
    async (liveroll) => {
      await liveroll.roll("v2");
      assertEquals((await liveroll.stop()).code, 0);
    },
  ));
