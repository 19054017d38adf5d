import { assertEquals } from "@std/assert";
import { renderMetrics } from "../../../src/metrics/exposition.ts";
import { metricsOf } from "../../../src/metrics/list.ts";
import { Counters } from "../../../src/proxy/counters.ts";
import { needs, program } from "../../helpers/skip.ts";
import { sampleFacts } from "./sample_facts.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;

/** What promtool says about `input`; it has found nothing wrong when that is empty. */
async function promtool(args: string[], input = ""): Promise<{ code: number; said: string }> {
  const options = { cwd: ROOT, stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  const child = new Deno.Command("promtool", {
    args,
    ...options,
    signal: AbortSignal.timeout(60_000),
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  return { code, said: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

function promtoolTest(name: string, fn: () => Promise<void>) {
  Deno.test({ name, ...needs(program("promtool")), fn });
}

for (const engine of ["relay", "tcp"] as const) {
  promtoolTest(
    `promtool finds nothing wrong with the metrics of the engine ${engine}`,
    async () => {
      const counters = new Counters();
      Object.assign(counters, { total: 1e15, failed: 1 });
      for (const ms of [0.01, 3, 80_000]) counters.durations.observe(ms);
      const currentId = `a "quoted"\\id\nwith everything ${"é🚀".repeat(5_000)}`;
      const facts = sampleFacts({ requests: counters.snapshot(), currentId });
      const text = renderMetrics(metricsOf(engine), facts);
      assertEquals(await promtool(["check", "metrics"], text), { code: 0, said: "" });
    },
  );
}

promtoolTest("promtool finds what is wrong", async () => {
  const { code } = await promtool(["check", "metrics"], 'x{a="b} 1\n');
  assertEquals(code, 1);
});

promtoolTest("promtool accepts the alert rules", async () => {
  const { code, said } = await promtool(["check", "rules", "docs/prometheus-alerts.yml"]);
  assertEquals(code, 0, said);
});

promtoolTest("the alerts fire when they should, and only then", async () => {
  const { code, said } = await promtool(["test", "rules", "tests/unit/metrics/alerts_test.yml"]);
  assertEquals(code, 0, said);
});

promtoolTest("promtool accepts the scrape configuration of the guide", async () => {
  const guide = await Deno.readTextFile(`${ROOT}docs/metrics.md`);
  const example = /```yaml\n([\s\S]*?)```/.exec(guide)?.[1] ?? "";
  const file = await Deno.makeTempFile({ suffix: ".yml" });
  try {
    await Deno.writeTextFile(file, example);
    const { code, said } = await promtool(["check", "config", "--syntax-only", file]);
    assertEquals(code, 0, said);
  } finally {
    await Deno.remove(file);
  }
});
