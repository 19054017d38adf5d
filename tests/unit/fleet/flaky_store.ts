import { MemoryStore } from "../../../src/cache/memory_store.ts";
import { type Store, StoreError } from "../../../src/cache/store.ts";

/** Memory that can be taken away. */
export class FlakyStore extends MemoryStore {
  isBroken = false;

  override lease(...args: Parameters<Store["lease"]>) {
    return this.isBroken ? this.#fail() : super.lease(...args);
  }

  override look(key: string) {
    return this.isBroken ? this.#fail() : super.look(key);
  }

  override get(key: string) {
    return this.isBroken ? this.#fail() : super.get(key);
  }

  #fail(): Promise<never> {
    return Promise.reject(new StoreError("Cannot use it: it is broken"));
  }
}
