import { callUnary } from "../../../../src/source/grpc/unary_call.ts";

const [server = ""] = Deno.args;
const message = new Uint8Array();
const answer = await callUnary({
  server,
  path: "/a.B/C",
  message,
  signal: new AbortController().signal,
});
console.log(answer.length);
