// @ts-types="./entities.d.ts"
export { escape } from "deno-std/html/entities.js";
