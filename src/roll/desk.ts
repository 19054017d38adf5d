import type { Found } from "./checker.ts";
import type { Traffic } from "./effects.ts";
import type { Trigger } from "./events.ts";
import type { Answer, Order, Setting } from "./orders.ts";
import type { Updater } from "./updater.ts";

/** Takes what people and programs ask for, and refuses what makes no sense now. */
export class Desk {
  readonly #updater: Updater;
  readonly #traffic: Pick<Traffic, "hold" | "maintenance">;

  constructor(updater: Updater, traffic: Pick<Traffic, "hold" | "maintenance">) {
    this.#updater = updater;
    this.#traffic = traffic;
  }

  /** Something that takes its time; `request.ended` tells how it went. Never rejects. */
  async order(order: Order): Promise<Answer> {
    if (this.#updater.isStopping) return refuse("conflict", "liveroll is stopping");
    const isPatient = order.kind === "update" && order.by === "webhook";
    if (this.#updater.isBusy && !isPatient) {
      const roll = this.#updater.rollUnderWay?.number ?? null;
      const what = roll === null ? "something else" : `roll ${roll}`;
      return { accepted: false, reason: "busy", detail: `${what} is under way`, roll };
    }
    switch (order.kind) {
      case "update":
        return order.id === null ? this.#update(order) : this.#updateTo(order.id, order.force);
      case "rollback":
        return this.#rollback(order.id);
      case "retry":
        return this.#retry();
      case "pin":
        return await this.#pin(order.id);
    }
  }

  /**
   * Something that holds from now on.
   *
   * @throws {Error} When it cannot be written down; nothing has changed then. What concerns
   * requests is done in any case: nobody should have to wait because a disk is full.
   */
  async set(setting: Setting): Promise<void> {
    const { preferences } = this.#updater;
    switch (setting.kind) {
      case "pause":
        await preferences.change("paused", { paused: true });
        return this.#updater.forgetFound("updates were paused", ({ force }) => !force);
      case "resume":
        await preferences.change("resumed", { paused: false });
        return this.#updater.forgetFound("updates were resumed", () => false);
      case "hold":
        this.#traffic.hold(true);
        preferences.changeAnyway("held", { held: true });
        break;
      case "release":
        this.#traffic.hold(false);
        preferences.changeAnyway("released", { held: false });
        break;
      case "maintenance":
        this.#maintain(setting.message);
        break;
      case "unpin":
        await preferences.change("unpinned", { pinned: null });
        return this.#updater.forgetFound("nothing is pinned any more", () => false);
      case "skip":
        await preferences.skip(setting.id);
        return this.#updater.forgetFound("it is skipped", ({ id }) => id === setting.id);
    }
    this.#updater.refresh();
  }

  #maintain(message: string | null): void {
    this.#traffic.maintenance(message);
    const what = message === null ? "maintenance_off" : "maintenance_on";
    this.#updater.preferences.changeAnyway(what, { maintenance: message }, message ?? "");
  }

  #update({ force, by }: Extract<Order, { kind: "update" }>): Answer {
    const { paused, pinned } = this.#updater.preferences.now;
    if (paused && !force) {
      return refuse("conflict", "updates are paused: liveroll resume, or update --force");
    }
    if (pinned !== null && !force) {
      return refuse("conflict", `${pinned} is pinned: liveroll unpin, or update --force`);
    }
    return this.#check(by, force);
  }

  #updateTo(id: string, force: boolean): Answer {
    const { pinned } = this.#updater.preferences.now;
    if (pinned !== null && pinned !== id && !force) {
      return refuse("conflict", `${pinned} is pinned: liveroll unpin, or update --force`);
    }
    if (this.#runs(id) && !force) return this.#unchanged(id);
    this.#updater.release(id);
    return this.#rollTo(id, "command");
  }

  #rollback(wanted: string | null): Answer {
    const { proven, preferences, runningId } = this.#updater;
    const id = wanted ?? proven.before([runningId, ...preferences.now.skipped]);
    if (id === null) return refuse("conflict", "there is no version before this one");
    if (this.#runs(id)) return refuse("conflict", `${id} runs already`);
    if (!this.#updater.knows(id)) {
      return refuse("unknown_version", `${id} never ran here; liveroll update ${id} rolls to it`);
    }
    this.#updater.release(id);
    return this.#rollTo(id, "rollback");
  }

  #retry(): Answer {
    const { paused, pinned } = this.#updater.preferences.now;
    if (paused) return refuse("conflict", "updates are paused: liveroll resume");
    if (pinned !== null) return refuse("conflict", `${pinned} is pinned: liveroll unpin`);
    for (const { id } of this.#updater.quarantine.list()) this.#updater.release(id);
    this.#updater.preferences.want(null);
    return this.#check("retry", false);
  }

  async #pin(id: string): Promise<Answer> {
    try {
      await this.#updater.preferences.change("pinned", { pinned: id }, id);
    } catch (error) {
      return refuse("unavailable", error instanceof Error ? error.message : String(error));
    }
    this.#updater.forgetFound(`${id} was pinned`);
    this.#updater.release(id);
    return this.#runs(id) ? this.#unchanged(id) : this.#rollTo(id, "pin");
  }

  #runs(id: string): boolean {
    return this.#updater.stage.current?.id === id;
  }

  #unchanged(id: string): Answer {
    const request = this.#updater.requests.open();
    this.#updater.requests.end(request, "unchanged", `${id} runs already`);
    return { accepted: true, request };
  }

  #check(trigger: Trigger, force: boolean): Answer {
    const request = this.#updater.requests.open();
    this.#updater.check({ trigger, force, requests: [request] });
    return { accepted: true, request };
  }

  #rollTo(id: string, trigger: Trigger): Answer {
    const request = this.#updater.requests.open();
    const target: Found = { id, trigger, force: true, requests: [request], roll: null };
    this.#updater.rollTo(target);
    return { accepted: true, request };
  }
}

function refuse(
  reason: "conflict" | "unknown_version" | "unavailable",
  detail: string,
): Answer {
  return { accepted: false, reason, detail, roll: null };
}
