/** Logs more than any pipe holds, then shows on standard output that it is alive, and exits. */

import { configureLog, getLog } from "../../src/platform/log.ts";

const lines = Number(Deno.args[0]);
const handle = configureLog({ level: "info", format: "json" });
const log = getLog("flood");
for (let line = 0; line < lines; line++) {
  log.info("x".repeat(1_000));
  if (line % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
}
console.log("alive");
// Whoever reads standard error may begin now.
await Deno.stdin.read(new Uint8Array(1));
log.info("after the flood");
await handle.close(Number(Deno.args[1]));
console.log(handle.dropped);
Deno.exit(0);
