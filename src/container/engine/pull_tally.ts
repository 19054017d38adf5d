import type { Members } from "./members.ts";

/** How far a pull is. */
export interface PullProgress {
  /** What has been fetched so far. */
  readonly bytes: number;
  /** Of the layers whose size is known so far; those that were here already do not count. */
  readonly totalBytes: number;
  /** Layers that are here, or were here already. */
  readonly layersDone: number;
  readonly layers: number;
}

interface Layer {
  bytes: number;
  totalBytes: number;
  isDone: boolean;
}

/** Words by which an engine says that a layer is here. */
const DONE: readonly string[] = ["Pull complete", "Already exists", "Download complete"];

/** Adds up what an engine tells of the layers of an image, each for itself. */
export class PullTally {
  readonly #layers = new Map<string, Layer>();

  /** @returns Whether it changes the sum. */
  hear(line: Members): boolean {
    const id = line.text("id");
    const status = line.text("status");
    const detail = line.object("progressDetail");
    if (!/^[0-9a-f]{12,64}$/.test(id)) return false;
    const layer = this.#layer(id);
    if (DONE.includes(status)) {
      layer.isDone = true;
      layer.bytes = layer.totalBytes;
    } else if (status === "Downloading") {
      // Unpacking has a progress of its own, of the same bytes again.
      layer.bytes = detail.number("current");
      layer.totalBytes = Math.max(detail.number("total"), layer.bytes);
    }
    return true;
  }

  progress(): PullProgress {
    const layers = [...this.#layers.values()];
    return {
      bytes: sum(layers.map(({ bytes }) => bytes)),
      totalBytes: sum(layers.map(({ totalBytes }) => totalBytes)),
      layersDone: layers.filter(({ isDone }) => isDone).length,
      layers: layers.length,
    };
  }

  #layer(id: string): Layer {
    const layer = this.#layers.get(id) ?? { bytes: 0, totalBytes: 0, isDone: false };
    this.#layers.set(id, layer);
    return layer;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
