import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { keepScreenshot, type PageOptions, shows, VIEWS, withPage } from "../helpers/browser.ts";
import { type Liveroll, type LiverollOptions, withLiveroll } from "../helpers/liveroll.ts";
import { Load } from "../helpers/load.ts";
import { PortClaim } from "../helpers/ports.ts";
import { needs, program } from "../helpers/skip.ts";

const TOKEN = "a-token-for-the-tests-of-the-page";

interface Scene {
  page: Page;
  liveroll: Liveroll;
}

/** A test with the real program, and its page, which asks for a token. */
function pageTest(
  name: string,
  options: PageOptions & Pick<LiverollOptions, "flags">,
  test: (scene: Scene) => Promise<void>,
) {
  const fn = () => play(options, test);
  Deno.test({ name, ...needs(program("chromium")), fn });
}

async function play(
  { flags, ...options }: PageOptions & Pick<LiverollOptions, "flags">,
  test: (scene: Scene) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    using claim = new PortClaim(1);
    const address = `127.0.0.1:${claim.ports[0]}`;
    await Deno.writeTextFile(`${directory}/token`, `${TOKEN}\n`, { mode: 0o600 });
    const control = {
      "control-listen": address,
      "control-token-file": `${directory}/token`,
      "state-dir": `${directory}/state`,
      "min-healthy": "300ms",
    };
    await withLiveroll(
      { flags: { ...control, ...flags } },
      (liveroll) =>
        withPage(
          `http://${address}/`,
          { tolerate: /401/, ...options },
          (page) => test({ page, liveroll }),
        ),
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function unlock(page: Page, token = TOKEN): Promise<void> {
  await page.getByLabel("Token", { exact: true }).fill(token);
  await page.keyboard.press("Enter");
}

async function unlockedLive(page: Page): Promise<void> {
  await unlock(page);
  await shows(page.locator("#connection"), "Live");
}

async function keepScreenshots(page: Page, name: string): Promise<void> {
  for (const view of ["light", "dark", "phone"] as const) {
    const { viewport, colorScheme } = VIEWS[view];
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    await keepScreenshot(page, `${name}-${view}`);
  }
}

// So long are the pauses between probes that there is something to see.
const slowGate = { flags: { "health-interval": "250ms" } };

pageTest("a roll is seen while it happens, step by step, to its end", slowGate, async (scene) => {
  const { page, liveroll } = scene;
  await unlockedLive(page);
  await shows(page.locator("#now .headline"), "v1");
  await using load = new Load(liveroll.port);
  await load.sees("v1");
  liveroll.offer("v2", { health: { failFirst: 24 } });
  await shows(page.locator("#steps [aria-current=step]"), "Health gate");
  await shows(page.locator("#state"), "rolling");
  await shows(page.locator("#roll-headline"), /under way\s*v1 → v2/);
  await keepScreenshots(page, "roll");
  await shows(page.locator("#now .headline"), "v2");
  await shows(
    page.locator("#history .entry").first().locator("summary"),
    /succeeded: .*v2 from v1/,
  );
  await shows(page.locator("#steps [data-state=succeeded]"), "Switch");
  await shows(page.locator("#state"), "serving");
  await load.stop();
});

pageTest("a version is rolled back by click", {}, async ({ page, liveroll }) => {
  await liveroll.roll("v2");
  await unlockedLive(page);
  await shows(page.locator("#now .headline"), "v2");
  await page.getByRole("button", { name: "Roll back …" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Roll back to v1" }).click();
  await shows(page.locator("#now .headline"), "v1");
  await shows(page.locator("#result"), "Roll back: succeeded");
  await shows(
    page.locator("#history .entry").first().locator("summary"),
    /succeeded: .*v1 from v2.*#3 · rollback/,
  );
  assertEquals((await liveroll.ask()).text, "v1");
});

pageTest("a wrong token sees nothing and changes nothing", {}, async ({ page, liveroll }) => {
  await unlock(page, "not-the-token-of-the-tests-at-all");
  await shows(page.getByRole("alert"), "This token was not accepted");
  assertEquals(await page.locator("main").isVisible(), false);
  assertEquals(await page.locator("#now").textContent(), "");
  const since = liveroll.log.mark();
  const status = await page.evaluate(
    `fetch("v1/update", { method: "POST", body: "{}", headers: {
      "content-type": "application/json",
      authorization: "Bearer not-the-token-of-the-tests-at-all",
    } }).then(({ status }) => status)`,
  );
  assertEquals(status, 401);
  assertEquals(liveroll.events("roll.started", {}, since), []);
  await unlockedLive(page);
  await shows(page.locator("#now .headline"), "v1");
});

pageTest("a version that is refused is shown with its last lines", {}, async (scene) => {
  const { page, liveroll } = scene;
  await unlockedLive(page);
  liveroll.offer("v2", { crash: { code: 3, lastWords: ["panic: no database"] } });
  await shows(page.locator("#quarantine"), "v2");
  const entry = page.locator("#history .entry").first();
  await shows(entry.locator("summary"), /failed: .*v2 from v1/);
  await entry.locator("summary").click();
  await shows(entry.locator(".entry-body"), "panic: no database");
  await shows(page.locator("#now .headline"), "v1");
});
