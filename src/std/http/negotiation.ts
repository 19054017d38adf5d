// @ts-types="./negotiation.d.ts"
export { accepts } from "deno-std/http/negotiation.js";
