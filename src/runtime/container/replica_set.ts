import type { Endpoint, Endpoints } from "../../roll/instance.ts";
import type { Replica } from "./replica.ts";

/** The containers of an instance, by their places, and where they answer. */
export class ReplicaSet implements Endpoints, Iterable<Replica> {
  /** So many there are to be now. */
  wanted = 0;
  readonly #replicas = new Map<number, Replica>();
  readonly #watching = new Map<number, Disposable>();
  readonly #listeners = new Set<() => void>();
  #now: readonly Endpoint[] = [];
  #place = { port: 0, pid: 0 };

  get now(): readonly Endpoint[] {
    return this.#now;
  }

  get size(): number {
    return this.#replicas.size;
  }

  /** The lowest that runs, else the lowest; null: there is none. */
  get first(): Replica | null {
    const all = [...this].toSorted((a, b) => a.number - b.number);
    return all.find(({ endpoint }) => endpoint !== null) ?? all[0] ?? null;
  }

  /** Of the first that runs; when none does, as it was. */
  get place(): { readonly port: number; readonly pid: number } {
    const { first } = this;
    if (first?.endpoint) this.#place = { port: first.endpoint.port, pid: first.pid };
    return this.#place;
  }

  [Symbol.iterator](): Iterator<Replica> {
    return this.#replicas.values();
  }

  at(number: number): Replica | undefined {
    return this.#replicas.get(number);
  }

  /** Places below `count` that nobody has. */
  free(count: number): readonly number[] {
    return [...Array(count).keys()].filter((number) => !this.#replicas.has(number));
  }

  has(replica: Replica): boolean {
    return this.#replicas.get(replica.number) === replica;
  }

  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** @param watching Until another one takes its place, or it leaves. */
  enter(replica: Replica, watching: Disposable): void {
    this.unwatch(replica.number);
    this.#replicas.set(replica.number, replica);
    this.#watching.set(replica.number, watching);
  }

  /** What happens to it matters to nobody any more. */
  unwatch(number: number): void {
    this.#watching.get(number)?.[Symbol.dispose]();
    this.#watching.delete(number);
  }

  unwatchAll(): void {
    for (const number of [...this.#watching.keys()]) this.unwatch(number);
  }

  /** It leaves: no new requests from here on; what is in flight goes on. */
  leave(replica: Replica): void {
    replica.isReady = false;
    if (this.has(replica)) {
      this.unwatch(replica.number);
      this.#replicas.delete(replica.number);
    }
    this.refresh();
  }

  /** They were well, and get requests as far as they run. */
  ready(replicas: Iterable<Replica>): void {
    for (const replica of replicas) {
      replica.isReady = replica.endpoint !== null;
      replica.hasServed ||= replica.isReady;
    }
    this.refresh();
  }

  /** Tells where they answer now. */
  refresh(): void {
    const ready = [...this].filter(({ isReady }) => isReady);
    this.#now = ready.map(({ endpoint }) => endpoint).filter((one) => one !== null);
    for (const listener of this.#listeners) listener();
  }
}
