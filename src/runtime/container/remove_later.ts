import type { Crew } from "./crew.ts";

/**
 * Removes what is left of something as soon as an engine that was away is back, and again at the
 * next return if that fails.
 *
 * @param key Unique: the id of a container, or what stands for several.
 */
export function removeLater(
  { watch, log }: Pick<Crew, "watch" | "log">,
  key: string,
  remove: () => Promise<unknown>,
): void {
  const listening = watch.listen(key, {
    onEvent() {},
    onReturn() {
      remove().then(() => listening[Symbol.dispose](), (error) => {
        const message = error instanceof Error ? error.message : String(error);
        log.warn(`Containers are left: ${message}`);
      });
    },
  });
}
