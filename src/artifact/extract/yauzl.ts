// @ts-types="./yauzl.d.ts"
import yauzl, { type Entry, type ZipFile } from "yauzl";

export { type Entry, yauzl, type ZipFile };
