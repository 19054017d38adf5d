import type { Setting, Status } from "../control/operator.ts";
import { EXIT } from "./exit_codes.ts";
import { printable } from "./print/cell.ts";
import { printJson } from "./print/json.ts";
import type { Talk } from "./talk.ts";

/** `pause`, `resume`, `hold`, `release`, `maintenance`, `unpin` and `skip`: changes what holds. */
export async function change(talk: Talk, setting: Setting): Promise<number> {
  const settings = await talk.client.set(setting);
  if (talk.json) printJson(talk.io, settings);
  else talk.io.out(printable(sentence(setting, settings)));
  return EXIT.ok;
}

function sentence(setting: Setting, settings: Status["settings"]): string {
  switch (setting.kind) {
    case "pause":
      return "updates are paused; liveroll resume ends this";
    case "resume":
      return settings.pinned === null
        ? "updates go on"
        : `updates go on, but only to ${settings.pinned}: liveroll unpin`;
    case "hold":
      return "requests are held; liveroll release ends this";
    case "release":
      return settings.maintenance === null
        ? "requests pass"
        : "requests are not held any more, but maintenance is on";
    case "maintenance":
      return setting.message === null
        ? "maintenance is off"
        : `maintenance is on: requests are answered 503 ${JSON.stringify(setting.message)}`;
    case "unpin":
      return "no version is pinned";
    case "skip":
      return `${setting.id} is skipped; liveroll retry forgets this`;
  }
}
