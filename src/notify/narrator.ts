import type { RollEvent } from "../roll/events.ts";
import { checkFailed, found, quarantined, unchanged, unstable } from "./check_stories.ts";
import { journalFailed, setting, stopped } from "./life_stories.ts";
import type { Notification } from "./notification.ts";
import { hookEnded, portBusy, rolledBack, rollFailed, started, succeeded } from "./roll_stories.ts";
import { Scene } from "./scene.ts";
import {
  awaited,
  complete,
  crashLoop,
  exited,
  missing,
  serves,
  switched,
  unhealthy,
} from "./service_stories.ts";

/** Makes of events what people want to know who are not looking. */
export class Narrator {
  readonly #scene = new Scene();

  /** What one event means, in the order in which it is told; most mean nothing. */
  tell(event: RollEvent): Notification[] {
    const scene = this.#scene;
    switch (event.type) {
      case "state":
        if (event.state === "stopping") scene.isStopping = true;
        return event.state === "stopped" ? [stopped(scene)] : [];
      case "check.failed":
        return [checkFailed(scene, event)];
      case "check.unchanged":
        return unchanged(scene, event);
      case "check.quarantined":
        scene.wanted = event.id;
        return [scene.recovered("check", "the source answers again")];
      case "check.unstable_id":
        return [unstable(scene, event)];
      case "update.found":
        return found(scene, event);
      case "quarantine.added":
        return [quarantined(scene, event)];
      case "port.busy":
        return [portBusy(scene, event)];
      case "roll.started":
        return started(scene, event);
      case "roll.switched":
        return switched(scene, event);
      case "roll.succeeded":
        return succeeded(scene, event);
      case "roll.failed":
        return [rollFailed(scene, event)];
      case "roll.rolled_back":
        return [rolledBack(scene, event)];
      case "roll.interrupted":
      case "roll.skipped":
        scene.rolls.delete(event.roll);
        return [];
      case "hook.ended":
        return hookEnded(scene, event);
      case "instance.adopted":
        return serves(scene, event.instance, { remark: "It ran on without liveroll." });
      case "instance.exited":
        return exited(scene, event);
      case "instance.awaited":
        return [awaited(scene, event)];
      case "instance.unhealthy":
        return [unhealthy(scene, event)];
      case "instance.recovered":
        return [scene.recovered("service", `${event.instance.id} answers again`)];
      case "containers.missing":
        return [missing(scene, event)];
      case "containers.complete":
        return [complete(scene, event.instance)];
      case "restart.scheduled":
        return event.crashLoop ? [crashLoop(scene, event)] : [];
      case "journal.failed":
        return [journalFailed(scene, event)];
      case "journal.recovered":
        return [scene.recovered("journal", "everything is written down again")];
      case "setting":
        return [setting(scene, event)];
      default:
        return [];
    }
  }
}
