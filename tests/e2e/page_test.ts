import { assert, assertEquals } from "@std/assert";
import { shows } from "../helpers/browser.ts";
import { busy, live, pageTest, rolling } from "../helpers/page_scene.ts";

pageTest("it shows what runs, since when, and that it is live", {}, async ({ page }) => {
  await live(page);
  await shows(page.locator("#state"), "serving");
  await shows(page.locator("#now"), "v1");
  await shows(page.locator("#now"), /pid 4001, port 9102/);
  await shows(page.locator("#figures"), "12,345 in all, 2 failed, 3 retried, 4 in flight");
  assertEquals(await page.title(), "serving · blog v1");
  await shows(page.locator("#quarantine"), "No version is in quarantine");
});

pageTest("a roll is followed step by step", {}, async ({ page, operator }) => {
  await live(page);
  operator.begin("v2");
  operator.phase("port");
  operator.phase("start");
  operator.phase("gate");
  const current = page.locator("#steps [aria-current=step]");
  await shows(current, "Health gate");
  await shows(page.locator("#state"), "rolling");
  await shows(page.locator("#now"), /Candidatev2, pid/);
  assertEquals(await page.locator("#steps [data-state=succeeded]").count(), 2);
  assertEquals(await page.locator("#steps [data-state=waiting]").count(), 4);
  operator.phase("switch");
  await shows(current, "Switch");
  operator.switchOver();
  operator.phase("watch");
  await shows(current, "Watch");
  // Two at once, and nothing else happens.
  operator.tell({ type: "roll.phase", roll: 2, name: "drain" });
  await shows(current, "Drain old");
  const drain = {
    name: "drain",
    startedAt: Date.now(),
    durationMs: 1,
    outcome: "succeeded",
  } as const;
  operator.tell({ type: "roll.phase_ended", roll: 2, phase: drain });
  operator.succeed();
  await shows(page.locator("#state"), "serving");
  await shows(page.locator("#roll-headline"), /succeeded\s*v1 → v2/);
  await shows(page.locator("#history .entry").first(), "v2 from v1");
  assertEquals(await page.locator("#steps [aria-current]").count(), 0);
  await shows(page.locator("#now .headline"), "v2");
});

pageTest(
  "who comes in the midst of a roll sees all of its steps",
  { before: rolling },
  async ({ page }) => {
    await live(page);
    await shows(page.locator("#steps [aria-current=step]"), "Health gate");
    assertEquals(await page.locator("#steps [data-state=succeeded]").count(), 2);
  },
);

pageTest("a version that fails is told with its reason", {}, async ({ page, operator }) => {
  await live(page);
  operator.begin("v2");
  operator.phase("start");
  operator.phase("gate");
  operator.fail("It exited with code 3 in its gate", ["starting", "panic: no database"]);
  await shows(page.locator("#quarantine"), /v2 failed 1 time, may be tried again in (1 h|59 min)/);
  await shows(page.locator("#roll-headline"), "It exited with code 3 in its gate");
  const entry = page.locator("#history .entry").first();
  await shows(entry.locator("summary"), "failed: ");
  await entry.locator("summary").click();
  await shows(entry.locator(".entry-body"), "panic: no database");
  await shows(entry.locator(".step[data-state=failed]"), "Health gate");
});

pageTest(
  "an open row of the history stays open when another roll comes",
  { before: busy },
  async ({ page, operator }) => {
    await live(page);
    const entry = page.locator("#history .entry", { hasText: "panic" })
      .or(page.locator("#history .entry", { hasText: "v4-bad" })).first();
    await entry.locator("summary").click();
    await shows(entry.locator(".entry-body"), "panic: no database");
    operator.rollTo("v6");
    await shows(page.locator("#history .entry").first(), "v6 from v3");
    assert(await entry.locator("details").evaluate((details) => details.hasAttribute("open")));
    assert(await entry.locator("summary").evaluate((summary) => summary.matches(":focus")));
  },
);

pageTest(
  "ids and lines that pretend to be markup are text",
  {
    before: (operator) => {
      const evil = `<img src=x onerror="document.title='owned'"><script>alert(1)</script>\u202e`;
      operator.rollTo(evil);
      operator.begin(`${evil}2`);
      operator.phase("gate");
      operator.fail(evil, [evil, "\u001b[31mred\u001b[0m\u0007"]);
      operator.current.app = evil;
      operator.current.waiting = { id: evil, obstacle: "window", detail: evil, until: null };
      operator.current.stateProblem = evil;
      operator.current.settings = {
        paused: true,
        pinned: evil,
        skipped: [evil],
        held: true,
        maintenance: evil,
      };
      operator.print(evil);
    },
  },
  async ({ page, operator }) => {
    await live(page);
    operator.print("<b>bold</b>");
    await shows(page.locator("#output"), "<b>bold</b>");
    await page.locator("#history .entry").first().locator("summary").click();
    await shows(page.locator("#history .entry-body").first(), "red␇");
    await page.getByRole("button", { name: "Roll back …" }).click();
    await shows(page.getByRole("dialog"), "<img src=x");
    assertEquals(await page.locator("img, b, body script").count(), 0);
    assertEquals((await page.title()).startsWith("serving · <img"), true);
  },
);

pageTest("the output can be paused", {}, async ({ page, operator }) => {
  await live(page);
  operator.print("first");
  await shows(page.locator("#output"), "first");
  const pause = page.getByRole("button", { name: "Pause", exact: true });
  await pause.click();
  operator.print("second");
  operator.print("third");
  await shows(page.locator("#output-note"), "paused, 2 new lines");
  assertEquals(await page.locator("#output .line").count(), 1);
  await pause.click();
  await shows(page.locator("#output"), "third");
  assertEquals(await page.locator("#output .line").count(), 3);
});

pageTest("of a flood of output the newest 500 lines are kept", {}, async ({ page, operator }) => {
  await live(page);
  for (let n = 0; n < 2_000; n++) operator.print(`line ${n}`);
  await shows(page.locator("#output > :last-child"), "line 1999");
  assertEquals(await page.locator("#output > *").count(), 500);
  const atEnd = "output.scrollHeight - output.scrollTop - output.clientHeight < 5";
  assert(await page.evaluate(`((output) => ${atEnd})(document.getElementById("output"))`));
});

pageTest("the traffic is drawn and told in words", { before: busy }, async ({ page }) => {
  await live(page);
  await shows(
    page.locator("#traffic-summary"),
    /Now [\d.]+ requests\/s, 0 failed\/s, 95 % answered/,
  );
  await shows(page.locator("#traffic-summary"), "In the last 10 min 150 requests failed.");
  const line = await page.locator(".chart-line").getAttribute("d") ?? "";
  assertEquals(line.split("L").length, 120);
  assert((await page.locator(".chart-failed").getAttribute("d") ?? "").length > 100);
  assertEquals(await page.locator(".chart-roll").count(), 4);
  await page.locator("#traffic-chart").hover({ position: { x: 300, y: 60 } });
  await shows(page.locator("#traffic-readout"), /ago: [\d.]+ requests\/s/);
});
