import { assertEquals } from "@std/assert";
import { shows } from "../helpers/browser.ts";
import { busy, live, LOSS, pageTest } from "../helpers/page_scene.ts";

pageTest(
  "a lost connection is seen, and afterwards the page is whole again",
  { tolerate: LOSS, before: busy },
  async ({ page, control, operator }) => {
    await live(page);
    await control.goAway();
    await shows(
      page.locator("#connection"),
      /Connection lost\. Last known (now|\d+ s ago)\. (The server ended the connection|liveroll cannot be reached)\. Next attempt in/,
    );
    await shows(page.locator("#announcer"), "Connection lost.");
    operator.rollTo("v7");
    operator.print("a line that nobody heard");
    operator.begin("v8");
    operator.phase("start");
    await control.comeBack();
    await page.getByRole("button", { name: "Try now" }).click();
    await live(page);
    await shows(page.locator("#now .headline"), "v7");
    await shows(page.locator("#history .entry").nth(1), "v7 from v3");
    await shows(page.locator("#steps [aria-current=step]"), "Start");
    await shows(page.locator("#output"), "a line that nobody heard");
    operator.phase("gate");
    await shows(page.locator("#steps [aria-current=step]"), "Health gate");
    operator.print("live again");
    await shows(page.locator("#output"), "live again");
    const lines = page.locator("#output .line", { hasText: "a line that nobody heard" });
    assertEquals(await lines.count(), 1);
  },
);

pageTest(
  "what happens while the page asks what has been is shown, and once only",
  {},
  async ({ page, operator }) => {
    await live(page);
    await page.route("**/v1/logs*", async (route) => {
      const response = await route.fetch();
      operator.print("printed meanwhile");
      operator.current.state = "degraded";
      operator.tell({ type: "journal.recovered" }, "told meanwhile");
      await shows(page.locator("#state"), "degraded");
      await route.fulfill({ response });
    });
    await page.reload();
    await live(page);
    for (const text of ["printed meanwhile", "told meanwhile"]) {
      assertEquals(await page.locator(".line", { hasText: text }).count(), 1, text);
    }
  },
);

pageTest(
  "it comes back by itself",
  { tolerate: LOSS },
  async ({ page, control }) => {
    await live(page);
    await control.goAway();
    await shows(page.locator("#connection"), "Connection lost");
    await control.comeBack();
    await live(page);
  },
);

pageTest(
  "a wrong token is refused and forgotten, the right one stays in the tab only",
  { token: "secret-token", tolerate: /401/ },
  async ({ page, operator }) => {
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    const token = page.getByLabel("Token", { exact: true });
    await token.waitFor();
    assertEquals(await page.locator("main").isVisible(), false);
    await token.fill("wrong-token");
    await page.keyboard.press("Enter");
    await shows(page.getByRole("alert"), "This token was not accepted");
    assertEquals(await page.evaluate("sessionStorage.length"), 0);
    assertEquals(await token.inputValue(), "");
    await token.fill("secret-token");
    await page.keyboard.press("Enter");
    await live(page);
    assertEquals(await token.isVisible(), false);
    await shows(page.locator("#now"), "v1");
    await page.getByRole("button", { name: "Update" }).first().click();
    await shows(page.locator("#result"), "accepted");
    assertEquals(operator.asked.length, 1);
    const kept = "[Object.values(sessionStorage), localStorage.length, document.cookie]";
    assertEquals(await page.evaluate(kept), [["secret-token"], 0, ""]);
    assertEquals(asked.filter((url) => url.includes("token") && !url.includes("/page/")), []);
    await page.reload();
    await live(page);
  },
);
