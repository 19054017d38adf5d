// Lives for a while and, unless its port is 0, holds that port and answers anything with 200, as a
// forgotten process of an older day would.
const [port, ms] = Deno.args.map(Number);
if (port) {
  Deno.serve(
    { port, hostname: "127.0.0.1", onListen: () => {} },
    () => new Response("stranger", { headers: { "x-version": "stranger" } }),
  );
}
Deno.addSignalListener("SIGTERM", () => {});
console.log("holding");
setTimeout(() => Deno.exit(0), ms);
