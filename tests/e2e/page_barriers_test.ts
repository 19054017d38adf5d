import { assert, assertEquals } from "@std/assert";
import { assertNoBarriers, keepScreenshot, shows, type View, VIEWS } from "../helpers/browser.ts";
import { busy, HOUR, live, pageTest, rolling } from "../helpers/page_scene.ts";

pageTest(
  "everything can be reached and done by keyboard",
  { before: busy },
  async ({ page, operator }) => {
    await live(page);
    const reached: string[] = [];
    for (let n = 0; n < 40; n++) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(
        "(({ activeElement: at }) => [at.id || at.dataset.action || at.localName," +
          " getComputedStyle(at).outlineStyle])(document)",
      ) as [string, string];
      if (at[0] === "body") break;
      assertEquals(at[1], "solid", `the focus on ${at[0]} is not seen`);
      reached.push(at[0]);
    }
    const wanted = [
      "update",
      "rollback",
      "pause",
      "hold",
      "maintenance",
      "retry",
      "summary",
      "output",
    ];
    for (const name of wanted) assert(reached.includes(name), `${name} is not in ${reached}`);
    await page.locator("[data-action=rollback]").focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    assertEquals(await page.evaluate("document.activeElement.dataset.action"), "rollback");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await shows(page.locator("#result"), "Roll back: accepted");
    assertEquals(operator.asked.length, 1);
  },
);

for (const view of Object.keys(VIEWS) as View[]) {
  pageTest(
    `nothing stands in the way: ${view}`,
    { view, before: rolling, behindMs: HOUR },
    async (scene) => {
      const { page, operator } = scene;
      await live(page);
      await shows(page.locator("#steps [aria-current=step]"), "Health gate");
      await keepScreenshot(page, `page-${view}`);
      operator.current.settings = { ...operator.current.settings, held: true, maintenance: "noon" };
      operator.current.stateProblem = "the disk is full";
      operator.tell({ type: "journal.failed", detail: "the disk is full" }, "disk full", "error");
      await shows(page.locator("#banners"), "the disk is full");
      for (const row of await page.locator("#history summary").all()) await row.click();
      await shows(page.locator(".entry-body").last(), "Go back to v1");
      await assertNoBarriers(page);
      await page.getByRole("button", { name: "Roll back …" }).click();
      await assertNoBarriers(page);
    },
  );

  pageTest(
    `nothing stands in the way of who has no token or connection: ${view}`,
    { view, token: "t", tolerate: /401|ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY/ },
    async ({ page, control }) => {
      await page.getByLabel("Token", { exact: true }).fill("x");
      await page.keyboard.press("Enter");
      await shows(page.getByRole("alert"), "not accepted");
      await assertNoBarriers(page);
      await page.getByLabel("Token", { exact: true }).fill("t");
      await page.keyboard.press("Enter");
      await live(page);
      await control.goAway();
      await shows(page.locator("#connection"), "Connection lost");
      await assertNoBarriers(page);
    },
  );
}
