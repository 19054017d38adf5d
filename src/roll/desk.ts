import type { Found } from "./checker.ts";
import type { Traffic } from "./effects.ts";
import type { Trigger } from "./events.ts";
import type { Answer, Order, Setting } from "./orders.ts";
import type { Plan } from "./plan.ts";
import { planOf, type Refusal, type Verdict } from "./verdict.ts";
import type { Updater } from "./updater.ts";

/** Takes what people and programs ask for, and refuses what makes no sense now. */
export class Desk {
  readonly #updater: Updater;
  readonly #traffic: Pick<Traffic, "hold" | "maintenance">;
  readonly #seesRequests: boolean;

  /** @param options `seesRequests`: they pass through here, so they can be kept waiting. */
  constructor(
    updater: Updater,
    traffic: Pick<Traffic, "hold" | "maintenance">,
    { seesRequests = true }: { seesRequests?: boolean } = {},
  ) {
    this.#updater = updater;
    this.#traffic = traffic;
    this.#seesRequests = seesRequests;
  }

  /** Something that takes its time; `request.ended` tells how it went. Never rejects. */
  async order(order: Order): Promise<Answer> {
    let verdict = this.#judge(order);
    if (verdict.do === "refuse") return verdict.answer;
    if (order.kind === "pin") {
      const refusal = await this.#keepPinned(order.id);
      if (refusal !== null) return refusal;
      // It may have come to serve meanwhile.
      verdict = this.#aim(order);
    }
    if (order.kind === "retry") this.#forgetFailures();
    switch (verdict.do) {
      case "refuse":
        return verdict.answer;
      case "unchanged":
        return this.#unchanged(verdict.id);
      case "check":
        return this.#check(verdict.trigger, verdict.force);
      case "roll":
        this.#updater.agenda.release(verdict.id);
        return this.#rollTo(verdict.id, verdict.trigger);
    }
  }

  /** What {@linkcode order} would do now; changes nothing, and asks nobody. */
  plan(order: Order): Plan {
    const verdict = this.#judge(order);
    return planOf(verdict, this.#updater);
  }

  /**
   * Something that holds from now on.
   *
   * @throws {Error} When it cannot be written down; nothing has changed then. What concerns
   * requests is done in any case: nobody should have to wait because a disk is full. And when it
   * concerns requests that do not pass through here.
   */
  async set(setting: Setting): Promise<void> {
    const { preferences } = this.#updater;
    switch (setting.kind) {
      case "pause":
        await preferences.change("paused", { paused: true });
        return this.#updater.agenda.halt("updates were paused", ({ force }) => !force);
      case "resume":
        await preferences.change("resumed", { paused: false });
        return this.#updater.agenda.forgetFound("updates were resumed", () => false);
      case "hold":
        this.#needRequests("held");
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
        return this.#updater.agenda.forgetFound("nothing is pinned any more", () => false);
      case "skip":
        await preferences.skip(setting.id);
        return this.#updater.agenda.skip(setting.id);
    }
    this.#updater.refresh();
  }

  #needRequests(done: string): void {
    if (this.#seesRequests) return;
    throw new Error(
      `with --engine direct requests do not pass through liveroll: none can be ${done}`,
    );
  }

  #maintain(message: string | null): void {
    if (message !== null) this.#needRequests("answered");
    this.#traffic.maintenance(message);
    const what = message === null ? "maintenance_off" : "maintenance_on";
    this.#updater.preferences.changeAnyway(what, { maintenance: message }, message ?? "");
  }

  #judge(order: Order): Verdict {
    if (this.#updater.isStopping) return refusal(refuse("conflict", "liveroll is stopping"));
    const isPatient = order.kind === "update" && order.by === "webhook";
    if (!this.#updater.agenda.isBusy || isPatient) return this.#aim(order);
    const roll = this.#updater.rollUnderWay?.number ?? null;
    const what = roll === null ? "something else" : `roll ${roll}`;
    return refusal({ accepted: false, reason: "busy", detail: `${what} is under way`, roll });
  }

  #aim(order: Order): Verdict {
    switch (order.kind) {
      case "update":
        return order.id === null ? this.#update(order) : this.#updateTo(order.id, order.force);
      case "rollback":
        return this.#rollback(order.id);
      case "retry":
        return this.#retry();
      case "pin":
        return this.#runs(order.id)
          ? { do: "unchanged", id: order.id }
          : { do: "roll", id: order.id, trigger: "pin" };
    }
  }

  #update({ force, by }: Extract<Order, { kind: "update" }>): Verdict {
    const { paused, pinned } = this.#updater.preferences.now;
    if (paused && !force) {
      return conflict("updates are paused: liveroll resume, or update --force");
    }
    if (pinned !== null && !force) {
      return conflict(`${pinned} is pinned: liveroll unpin, or update --force`);
    }
    return { do: "check", trigger: by, force };
  }

  /** Who names a version means it, whatever has failed; a pause or a pin is about all of them. */
  #updateTo(id: string, force: boolean): Verdict {
    const { paused, pinned } = this.#updater.preferences.now;
    if (force) return { do: "roll", id, trigger: "command" };
    if (pinned !== null && pinned !== id) {
      return conflict(`${pinned} is pinned: liveroll unpin, or update --force`);
    }
    if (this.#runs(id)) return { do: "unchanged", id };
    if (paused) return conflict("updates are paused: liveroll resume, or update --force");
    return { do: "roll", id, trigger: "command" };
  }

  #rollback(wanted: string | null): Verdict {
    const { proven, preferences, runningId } = this.#updater;
    const id = wanted ?? proven.before([runningId, ...preferences.now.skipped]);
    if (id === null) return conflict("there is no version before this one");
    if (this.#runs(id)) return conflict(`${id} runs already`);
    if (!this.#updater.knows(id)) {
      const detail = `${id} is not remembered to have run here: give liveroll update ${id}`;
      return refusal(refuse("unknown_version", detail));
    }
    return { do: "roll", id, trigger: "rollback" };
  }

  #retry(): Verdict {
    const { paused, pinned } = this.#updater.preferences.now;
    if (paused) return conflict("updates are paused: liveroll resume");
    if (pinned !== null) return conflict(`${pinned} is pinned: liveroll unpin`);
    return { do: "check", trigger: "retry", force: false };
  }

  #forgetFailures(): void {
    for (const { id } of this.#updater.quarantine.list()) this.#updater.agenda.release(id);
    this.#updater.preferences.want(null);
  }

  /** @returns Why nothing is pinned; null: `id` is, from now on. */
  async #keepPinned(id: string): Promise<Answer | null> {
    try {
      await this.#updater.preferences.change("pinned", { pinned: id }, id);
    } catch (error) {
      return refuse("unavailable", error instanceof Error ? error.message : String(error));
    }
    this.#updater.agenda.halt(`${id} was pinned`);
    this.#updater.agenda.release(id);
    return null;
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
    this.#updater.agenda.check({ trigger, force, requests: [request] });
    return { accepted: true, request };
  }

  #rollTo(id: string, trigger: Trigger): Answer {
    const request = this.#updater.requests.open();
    const target: Found = { id, trigger, force: true, requests: [request], roll: null };
    this.#updater.agenda.rollTo(target);
    return { accepted: true, request };
  }
}

function conflict(detail: string): Verdict {
  return refusal(refuse("conflict", detail));
}

function refusal(answer: Refusal): Verdict {
  return { do: "refuse", answer };
}

function refuse(
  reason: "conflict" | "unknown_version" | "unavailable",
  detail: string,
): Refusal {
  return { accepted: false, reason, detail, roll: null };
}
