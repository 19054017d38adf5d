import { assertEquals } from "@std/assert";
import { LABELS } from "../../../../src/runtime/container/labels.ts";
import { tellOfStrangers } from "../../../../src/runtime/container/strangers.ts";
import { FakeEngine } from "../../../helpers/fake_engine.ts";

const NEVER = new AbortController().signal;

Deno.test("containers that a former state directory has left running are told of", async () => {
  const fake = new FakeEngine();
  const put = (name: string, app: string, state: string, runs = true) => {
    const whose = { [LABELS.app]: app, [LABELS.state]: state, [LABELS.token]: name };
    const labels = { ...whose, [LABELS.version]: "1" };
    const one = fake.put(name, { Image: "i", Labels: labels });
    if (runs) one.start();
  };
  put("ours", "blog", "s2");
  put("moved", "blog", "s1");
  put("left", "blog", "s1");
  put("ended", "blog", "s1", false);
  put("other", "shop", "s1");
  const told: string[] = [];
  const log = { warn: (message: string) => void told.push(message) };
  await tellOfStrangers(
    fake.engine,
    { app: "blog", tokenPrefix: "s2" },
    new Set(["moved"]),
    log,
    NEVER,
  );
  assertEquals(told, [
    "Container left runs 1 for an app that is called blog, too, and has another state directory; " +
    "if that is not used any more, end it: docker rm --force left",
  ]);
});
