import type { Archiver } from "../../../../src/data/snapshot/archiver.ts";

/** Does nothing, and notes that it was to. */
export class FakeArchiver implements Archiver {
  readonly suffix = ".tar.gz";
  readonly calls: string[] = [];

  measure() {
    return Promise.resolve(0);
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
