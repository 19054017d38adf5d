import { assertEquals } from "@std/assert";
import { type BrowserContextOptions, chromium, type Locator, type Page } from "playwright-core";
import checks from "./page_checks.js" with { type: "text" };

/** How long a test waits for something in a page; generous, since only failures use it up. */
const PATIENCE_MS = 15_000;

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-dev-shm-usage",
];

/** What a page is looked at with. */
export const VIEWS = {
  light: { viewport: { width: 1280, height: 900 }, colorScheme: "light" },
  dark: { viewport: { width: 1280, height: 900 }, colorScheme: "dark" },
  phone: { viewport: { width: 360, height: 740 }, colorScheme: "light", hasTouch: true },
  "phone-dark": { viewport: { width: 360, height: 740 }, colorScheme: "dark", hasTouch: true },
} satisfies Record<string, BrowserContextOptions>;

/** The name of one of {@linkcode VIEWS}. */
export type View = keyof typeof VIEWS;

/** How a page is opened. */
export interface PageOptions {
  /** @default {"light"} */
  view?: View;
  /** Complaints of the browser that belong to the test, for example of an answer 401. */
  tolerate?: RegExp;
}

/** What is wrong for people who see little, hear, use a keyboard, or a small screen. */
export interface Barriers {
  /** Buttons and fields that nothing names. */
  nameless: string[];
  /** Texts with too little contrast. */
  pale: string[];
  /** Elements that stick out to the right. */
  tooWide: string[];
  /** Elements with a place of their own in the order of the keyboard. */
  outOfOrder: string[];
  /** Ids that are not unique. */
  doubled: string[];
}

/** Runs `test` with a page in a browser; fails when the browser complains, too. */
export async function withPage(
  url: string,
  { view = "light", tolerate }: PageOptions,
  test: (page: Page) => Promise<void>,
): Promise<void> {
  await using browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });
  const page = await (await browser.newContext(VIEWS[view])).newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const complaints = listen(page);
  await page.goto(url);
  try {
    await test(page);
  } catch (error) {
    console.error(`--- the browser said ---\n${complaints.join("\n")}\n---`);
    throw error;
  }
  assertEquals(complaints.filter((text) => !tolerate?.test(text)), []);
}

/** Resolves when `locator` shows `text`. */
export async function shows(locator: Locator, text: string | RegExp): Promise<void> {
  await locator.filter({ hasText: text }).first().waitFor();
}

/** Looks for barriers in the page as it is now. */
async function barriers(page: Page): Promise<Barriers> {
  return await page.evaluate(`${checks.replace("export ", "")}; findBarriers()`);
}

/** Fails when there is a barrier. */
export async function assertNoBarriers(page: Page): Promise<void> {
  const none = { nameless: [], pale: [], tooWide: [], outOfOrder: [], doubled: [] };
  assertEquals(await barriers(page), none);
}

let screenshots = Deno.env.get("LIVEROLL_SCREENSHOTS");

/** Keeps what the page looks like in the directory that `LIVEROLL_SCREENSHOTS` names, or a new one. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  const directory = screenshots ??= await Deno.makeTempDir({ prefix: "liveroll-screenshots-" });
  await Deno.mkdir(directory, { recursive: true });
  const path = `${directory}/${name}.png`;
  await page.screenshot({ path, animations: "disabled" });
  console.log(`screenshot: ${path}`);
}

function listen(page: Page): string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(`error: ${error.stack}`));
  page.on("console", (message) => {
    if (!["error", "warning"].includes(message.type())) return;
    complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`);
  });
  return complaints;
}
