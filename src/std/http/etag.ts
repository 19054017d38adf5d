// @ts-types="./etag.d.ts"
export { ifNoneMatch } from "deno-std/http/etag.js";
