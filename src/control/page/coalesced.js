/**
 * A function that runs `work`, one at a time; when it is called meanwhile, once more after. Failures
 * are of no interest here.
 *
 * @param {() => Promise<unknown>} work
 */
export function coalesced(work) {
  let isRunning = false;
  let isWanted = false;
  return async () => {
    isWanted = true;
    if (isRunning) return;
    isRunning = true;
    while (isWanted) {
      isWanted = false;
      await work().catch(() => {});
    }
    isRunning = false;
  };
}
