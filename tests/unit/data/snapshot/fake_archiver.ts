import type { Archiver } from "../../../../src/data/snapshot/archiver.ts";
import type { SnapshotMethod } from "../../../../src/data/snapshot/manifest.ts";

/** Does nothing, and notes that it was to. */
export class FakeArchiver implements Archiver {
  readonly suffix = ".tar.gz";
  readonly calls: string[] = [];
  readonly method: SnapshotMethod;

  constructor(method: SnapshotMethod) {
    this.method = method;
  }

  measure() {
    return Promise.resolve(null);
  }

  pack() {
    this.calls.push("pack");
    return Promise.resolve([]);
  }

  unpack() {
    this.calls.push("unpack");
    return Promise.resolve();
  }
}
