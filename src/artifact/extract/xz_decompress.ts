// @ts-types="./xz_decompress.d.ts"
import xz from "xz-decompress";

export const { XzReadableStream } = xz;
