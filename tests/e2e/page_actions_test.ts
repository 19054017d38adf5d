import { assertEquals } from "@std/assert";
import { shows } from "../helpers/browser.ts";
import { busy, live, pageTest } from "../helpers/page_scene.ts";

pageTest(
  "a rollback is asked for by click, after a question",
  { before: busy },
  async ({ page, operator }) => {
    await live(page);
    const button = page.getByRole("button", { name: "Roll back …" });
    const dialog = page.getByRole("dialog", { name: "Roll back blog?" });
    await button.click();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await dialog.waitFor({ state: "hidden" });
    assertEquals(operator.asked, []);
    await button.click();
    await dialog.getByRole("button", { name: "Roll back to v2" }).click();
    await shows(page.locator("#result"), "Roll back: accepted");
    assertEquals(operator.asked, [{ kind: "rollback", id: "v2" }]);
    operator.rollTo("v2", "rollback");
    operator.endRequest(1, "succeeded", "v2 serves");
    await shows(page.locator("#result"), "Roll back: succeeded: v2 serves");
    await shows(page.locator("#now .headline"), "v2");
  },
);

pageTest(
  "any version of the history that was good can be gone back to",
  { before: busy },
  async ({ page, operator }) => {
    await live(page);
    await page.locator("#history .entry").last().locator("summary").click();
    await page.getByRole("button", { name: "Go back to v1" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Roll back to v1" }).click();
    await shows(page.locator("#result"), "accepted");
    assertEquals(operator.asked, [{ kind: "rollback", id: "v1" }]);
  },
);

pageTest("a rollback without a version before says why", {}, async ({ page, operator }) => {
  await live(page);
  const button = page.getByRole("button", { name: "Roll back …" });
  assertEquals(await button.getAttribute("aria-disabled"), "true");
  await button.click({ force: true });
  await shows(page.locator("#result"), "There is no version before.");
  assertEquals(operator.asked, []);
});

pageTest(
  "what is refused is told in the words of the server",
  { tolerate: /409/ },
  async ({ page, operator }) => {
    await live(page);
    const detail = "Roll 7 to v9 is under way";
    operator.refusal = { accepted: false, reason: "busy", detail, roll: 7 };
    await page.getByRole("button", { name: "Update" }).first().click();
    await shows(page.locator("#result"), `Update: ${detail}`);
  },
);

pageTest("update, retry, pause and resume need one click", {}, async ({ page, operator }) => {
  await live(page);
  for (const name of ["Update", "Retry", "Pause updates", "Resume updates"]) {
    await page.getByRole("button", { name, exact: true }).click();
    await shows(page.locator("#result"), new RegExp(`${name}: (done|accepted)`));
    if (name === "Pause updates") await shows(page.locator("#settings"), "Updatespaused");
  }
  await page.getByRole("button", { name: "Pause updates" }).waitFor();
  assertEquals(operator.asked.map(({ kind }) => kind), ["update", "retry", "pause", "resume"]);
});

pageTest("requests are held after a question, and released", {}, async ({ page, operator }) => {
  await live(page);
  await page.getByRole("button", { name: "Hold requests …" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Hold requests" }).click();
  await shows(page.locator("#banners"), "Requests are held");
  await shows(page.locator("#state"), "holding");
  await page.getByRole("button", { name: "Release requests" }).click();
  await page.locator("#banners > *").waitFor({ state: "detached" });
  assertEquals(operator.asked.map(({ kind }) => kind), ["hold", "release"]);
});

pageTest("maintenance asks for its message", {}, async ({ page, operator }) => {
  await live(page);
  await page.getByRole("button", { name: "Maintenance …" }).click();
  await page.getByLabel("Message").fill("Back at <b>noon</b>");
  await page.keyboard.press("Enter");
  await shows(page.locator("#banners"), "“Back at <b>noon</b>”");
  await page.getByRole("button", { name: "End maintenance" }).click();
  await page.getByRole("button", { name: "Maintenance …" }).waitFor();
  assertEquals(operator.asked, [
    { kind: "maintenance", message: "Back at <b>noon</b>" },
    { kind: "maintenance", message: null },
  ]);
});
