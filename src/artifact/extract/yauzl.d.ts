import type { Buffer } from "node:buffer";
import type { Readable } from "node:stream";

/** An entry of the central directory. */
export interface Entry {
  readonly versionMadeBy: number;
  readonly generalPurposeBitFlag: number;
  readonly compressionMethod: number;
  readonly crc32: number;
  readonly uncompressedSize: number;
  readonly externalFileAttributes: number;
  readonly extraFields: readonly ExtraField[];
  readonly fileNameRaw: Buffer;
  isEncrypted(): boolean;
}

export interface ExtraField {
  readonly id: number;
  readonly data: Buffer;
}

export interface ZipFile {
  eachEntry(): AsyncIterableIterator<Entry>;
  openReadStreamPromise(
    entry: Entry,
    options: { readonly decodeFileData: boolean },
  ): Promise<Readable>;
}

/** What of yauzl is used here; its own types would bring those of Node.js along. */
declare const yauzl: {
  fromFdPromise(
    fd: number,
    options: { readonly autoClose: boolean; readonly decodeStrings: boolean },
  ): Promise<ZipFile>;
  getFileNameLowLevel(
    generalPurposeBitFlag: number,
    fileNameRaw: Buffer,
    extraFields: readonly ExtraField[],
    strictFileNames: boolean,
  ): string;
};
export default yauzl;
