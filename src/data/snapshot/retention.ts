/** What is asked of a snapshot to decide whether it stays. */
export interface Retained {
  readonly id: string;
  readonly bytes: number;
}

/**
 * Which of them go: the oldest, until neither their number nor all of them together is too big. The
 * newest one stays in any case, and so does what is in use.
 *
 * @param snapshots The newest first.
 */
export function surplus<T extends Retained>(
  snapshots: readonly T[],
  limits: { readonly count: number; readonly bytes: number },
  inUse: ReadonlySet<string>,
): T[] {
  let isFull = false;
  let bytes = 0;
  return snapshots.filter((snapshot, index) => {
    bytes += snapshot.bytes;
    isFull ||= index >= limits.count || bytes > limits.bytes;
    return isFull && index > 0 && !inUse.has(snapshot.id);
  });
}
