import { assertEquals, assertRejects } from "@std/assert";
import { AssetsRuntime } from "../../../src/runtime/assets.ts";

const HOST = "127.0.0.1";

async function withVersions(
  childHost: string | null,
  test: (t: { runtime: AssetsRuntime; dir: string }) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "liveroll-assets-" });
  for (const id of ["v1", "v2"]) {
    await Deno.mkdir(`${dir}/${id}`);
    await Deno.writeTextFile(`${dir}/${id}/page.txt`, id);
  }
  const releaseDir = (id: string) => id === "none" ? null : `${dir}/${id}`;
  const runtime = new AssetsRuntime({ releaseDir, childHost });
  try {
    await test({ runtime, dir });
  } finally {
    await runtime.stopAll();
    await Deno.remove(dir, { recursive: true });
  }
}

async function page(port: number): Promise<string> {
  return await (await fetch(`http://${HOST}:${port}/page.txt`)).text();
}

Deno.test("versions are served side by side, each by itself, until they are stopped", () =>
  withVersions(HOST, async ({ runtime }) => {
    const one = await runtime.start({ key: "i1", id: "v1" });
    const two = await runtime.start({ key: "i2", id: "v2" });
    assertEquals([await page(one.port), await page(two.port)], ["v1", "v2"]);
    assertEquals([await one.stop(), await one.stop()], ["stopped", "already_gone"]);
    assertEquals([one.exit, two.exit], [{ code: 0, signal: null }, null]);
    await assertRejects(() => page(one.port));
    assertEquals(await page(two.port), "v2");
  }));

Deno.test("an instance that is killed in the middle of an answer is gone", () =>
  withVersions(HOST, async ({ runtime, dir }) => {
    await Deno.writeTextFile(`${dir}/v1/big`, "x".repeat(32 * 1024 ** 2));
    const one = await runtime.start({ key: "i1", id: "v1" });
    const answer = await fetch(`http://${HOST}:${one.port}/big`);
    one.kill();
    assertEquals(await one.exited, { code: 0, signal: null });
    await answer.body?.cancel().catch(() => {});
  }));

Deno.test("what nobody asks for has no port, and ends when it is told to", () =>
  withVersions(null, async ({ runtime }) => {
    const one = await runtime.start({ key: "i1", id: "v1" });
    assertEquals([one.port, await runtime.probe(one)], [0, { healthy: true }]);
    assertEquals([await one.stop(), await one.exited], ["stopped", { code: 0, signal: null }]);
    const two = await runtime.start({ key: "i2", id: "v2" });
    two.kill();
    assertEquals((await two.exited).code, 0);
  }));

Deno.test("a version without files cannot be started", () =>
  withVersions(null, async ({ runtime }) => {
    await assertRejects(() => runtime.start({ key: "i1", id: "none" }), Error, "are not here");
    await assertRejects(() => runtime.start({ key: "i1", id: "v3" }), Error, "cannot be read");
  }));

Deno.test("a version whose files went away is not well", () =>
  withVersions(null, async ({ runtime, dir }) => {
    const one = await runtime.start({ key: "i1", id: "v1" });
    await Deno.remove(`${dir}/v1`, { recursive: true });
    const { healthy } = await runtime.probe(one);
    assertEquals(healthy, false);
  }));
