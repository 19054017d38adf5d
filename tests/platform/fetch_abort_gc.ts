// Run with --v8-flags=--expose-gc: does aborting a fetch end its body after a collection?
const encoder = new TextEncoder();
const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, () => {
  let timer: ReturnType<typeof setInterval> | undefined;
  return new Response(
    new ReadableStream({
      start(controller) {
        timer = setInterval(() => controller.enqueue(encoder.encode("tick\n")), 5);
      },
      cancel: () => clearInterval(timer),
    }),
  );
});

const { gc } = globalThis as unknown as { gc(): void };
const abort = new AbortController();
const reader = await begin();
for (let i = 0; i < 3; i++) {
  await reader.read();
  gc();
}
abort.abort();
let ticksAfterAbort = 0;
try {
  while (ticksAfterAbort < 100 && !(await reader.read()).done) ticksAfterAbort++;
} catch {
  // What the standard asks for.
}
console.log(ticksAfterAbort < 100 ? "ended" : "goes on");
Deno.exit(0);

/** In a function of its own, so that nothing but the reader is left of the fetch. */
async function begin(): Promise<ReadableStreamDefaultReader<Uint8Array>> {
  const { body } = await fetch(`http://127.0.0.1:${server.addr.port}/`, { signal: abort.signal });
  return body!.getReader();
}
