import { assertEquals } from "@std/assert";
import { processesWithVariable } from "../../../src/platform/proc.ts";
import { linux, needs } from "../../helpers/skip.ts";

const TOKEN = "LIVEROLL_TEST_TOKEN";

Deno.test({
  name: "B09 a process is found although it is being replaced by another program",
  ...needs(linux()),
  async fn() {
    const directory = await Deno.makeTempDir();
    const loop = `${directory}/loop`;
    await Deno.writeTextFile(loop, '#!/bin/sh\nexec "$0"\n', { mode: 0o755 });
    const value = crypto.randomUUID();
    const child = new Deno.Command(loop, { env: { [TOKEN]: value } }).spawn();
    try {
      for (let n = 0; n < 200; n++) {
        assertEquals(await processesWithVariable(TOKEN, value), [child.pid]);
      }
    } finally {
      child.kill("SIGKILL");
      await child.status;
      await Deno.remove(directory, { recursive: true });
    }
  },
});
