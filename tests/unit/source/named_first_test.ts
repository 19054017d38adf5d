import { assertEquals, assertRejects } from "@std/assert";
import { SourceError } from "../../../src/roll/effects.ts";
import { NamedFirst } from "../../../src/source/named_first.ts";

const NEVER = new AbortController().signal;

/** The newest of these is `3.0@d`. */
const IMAGES = {
  latest: (_signal: AbortSignal, running: string | null) =>
    Promise.resolve(`3.0@d over ${running}`),
  find: (name: string) =>
    Promise.resolve(name.startsWith("@") ? name : name === "1.0" ? "1.0@d" : null),
  idle: () => Promise.resolve(),
};

function source(named: string | null): NamedFirst {
  return new NamedFirst(IMAGES, () => Promise.resolve(named));
}

Deno.test("the first version is the one that is named, and only that", async () => {
  const images = source("1.0");
  assertEquals(await images.latest(NEVER, null), "1.0@d");
  assertEquals(await images.latest(NEVER, "1.0@d"), "3.0@d over 1.0@d");
  assertEquals(await source("sha256:ab").latest(NEVER, null), "@sha256:ab");
});

for (const named of [null, "", "latest"]) {
  Deno.test(`${JSON.stringify(named)} names none: the newest one is the first`, async () => {
    assertEquals(await source(named).latest(NEVER, null), "3.0@d over null");
  });
}

Deno.test("a name that is none, or cannot be read, is a failed source: nothing else is taken", async () => {
  await assertRejects(() => source("0.9").latest(NEVER, null), SourceError, "the tag 0.9");
  const broken = new NamedFirst(IMAGES, () => Promise.reject(new Error("line 3 is none")));
  await assertRejects(() => broken.latest(NEVER, null), SourceError, "line 3 is none");
});
