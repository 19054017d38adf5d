import type { Asset, AssetBody, Registry, Release } from "../../../src/source/registry.ts";

/** A registry that counts who asks. */
export class FakeRegistry implements Registry {
  asked = 0;
  /** Where downloads began. */
  readonly offsets: number[] = [];
  content: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  failure: Error | null = null;
  list: readonly Release[] = [];
  /** Called while it is asked. */
  onAsk: () => Promise<void> = () => Promise.resolve();

  async releases(): Promise<readonly Release[]> {
    this.asked++;
    await this.onAsk();
    if (this.failure !== null) throw this.failure;
    return this.list;
  }

  fetch(_asset: Asset, { offset }: { offset: number }): Promise<AssetBody> {
    this.offsets.push(offset);
    return Promise.resolve({
      body: ReadableStream.from(chunksOf(this.content.subarray(offset))),
      offset,
      totalBytes: this.content.length,
      etag: null,
    });
  }

  report(): Promise<void> {
    return Promise.resolve();
  }
}

function* chunksOf(bytes: Uint8Array<ArrayBuffer>): Generator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < bytes.length; at += 7) yield bytes.slice(at, at + 7);
}

/** A release with one file. */
export function releaseOf(tag: string, asset: Partial<Asset> = {}): Release {
  const name = asset.name ?? "app.tgz";
  const file = { name, size: null, ref: `${tag}/${name}`, sha256: null, ...asset };
  return { tag, publishedAt: 0, assets: [file] };
}
