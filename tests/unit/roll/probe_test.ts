import { assertEquals } from "@std/assert";
import { probe } from "../../../src/roll/probe.ts";
import { FairWorld, never } from "./fair_world.ts";

const BAD = { healthy: false, detail: "status 503" } as const;

for (
  const [answer, impostor, expected] of [
    [{ healthy: true }, null, { healthy: true }],
    [BAD, null, BAD],
    // Why it does not answer matters more than who holds its port.
    [BAD, "nginx (pid 7)", BAD],
    [{ healthy: true }, "nginx (pid 7)", {
      healthy: false,
      detail: "answered by nginx (pid 7), which is no part of it",
    }],
  ] as const
) {
  const said = answer.healthy ? "a healthy answer" : "a bad answer";
  Deno.test(`${said}, ${impostor ?? "nobody else"} on its port: ${expected.healthy ? "well" : expected.detail}`, async () => {
    const instance = await new FairWorld().launch("v1", 9101);
    instance.impostor = () => Promise.resolve(impostor);
    const result = await probe(instance, { probe: () => Promise.resolve(answer) }, never());
    assertEquals(result, expected);
  });
}
