import { assertRejects } from "@std/assert";
import {
  assertControlAddress,
  ControlListenError,
} from "../../../../src/commands/run/control_address.ts";
import { linux, needs } from "../../../helpers/skip.ts";
import { freePort } from "../../platform/processes.ts";

const host = "127.0.0.1";

Deno.test("an address for the control API that is free is left free", async () => {
  const port = freePort();
  await assertControlAddress({ host, port });
  Deno.listen({ hostname: host, port }).close();
  await assertControlAddress(null);
});

Deno.test({
  name: "one that is taken is an error, which names who has it",
  ...needs(linux()),
  async fn() {
    using other = Deno.listen({ hostname: host, port: 0 });
    const { port } = other.addr;
    for (const predecessor of [null, 1]) {
      await assertRejects(
        () => assertControlAddress({ host, port }, predecessor),
        ControlListenError,
        `Cannot listen on 127.0.0.1:${port}: the address is in use, by deno (pid ${Deno.pid})`,
      );
    }
  },
});

Deno.test({
  name: "one that the predecessor has is no error: it will let go of it",
  ...needs(linux()),
  async fn() {
    using other = Deno.listen({ hostname: host, port: 0 });
    await assertControlAddress({ host, port: other.addr.port }, Deno.pid);
  },
});

Deno.test("one that this host does not have is an error", async () => {
  await assertRejects(
    () => assertControlAddress({ host: "192.0.2.1", port: 9 }),
    ControlListenError,
    "Cannot listen on 192.0.2.1:9: this host has no such address",
  );
});
