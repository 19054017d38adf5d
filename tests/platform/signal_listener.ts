/** Says which signals it hears; ends on INT. */

import { onSignals } from "../../src/platform/signals.ts";

const alive = setInterval(() => {}, 60_000);
const signals = onSignals({
  INT: () => {
    console.log("INT");
    signals[Symbol.dispose]();
    clearInterval(alive);
  },
  TERM: () => console.log("TERM"),
  HUP: () => console.log("HUP"),
  USR2: () => console.log("USR2"),
});
console.log("ready");
