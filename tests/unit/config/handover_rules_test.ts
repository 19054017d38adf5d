import { assertEquals } from "@std/assert";
import { errors, resolved } from "./resolving.ts";

const HANDOVER = ["--handover", "/run/blog"];
const PROGRAM = ["--pull=git pull", "--id=git rev-parse HEAD", "--exec=./app --port <<PORT>>"];

Deno.test("--handover needs children that can live on", () => {
  assertEquals(errors([...PROGRAM, ...HANDOVER]), [
    "--handover: children whose output liveroll captures end with it, give " +
    "--child-logs inherit",
  ]);
  assertEquals(
    resolved([...PROGRAM, ...HANDOVER, "--child-logs=inherit"]).config.handover,
    "/run/blog",
  );
});

Deno.test("--handover of containers and of files needs nothing more", () => {
  const assets = ["--registry=ghr://o/r", "--serve=80", ...HANDOVER];
  assertEquals(resolved(assets, { subject: "assets" }).config.handover, "/run/blog");
  assertEquals(resolved(["--image=app", ...HANDOVER]).config.handover, "/run/blog");
  const service = ["--compose-file=compose.yaml", "--service=web"];
  assertEquals(resolved([...service, ...HANDOVER]).config.handover, "/run/blog");
});

Deno.test("--handover of files that are not served is refused, and so is the engine that cannot", () => {
  assertEquals(errors(["--registry=ghr://o/r", ...HANDOVER], { subject: "assets" }), [
    "--handover: only for files that are served, give --serve or remove it",
  ]);
  assertEquals(errors([...PROGRAM, ...HANDOVER, "--child-logs=inherit", "--engine=fetch"]), [
    "--handover: not with --engine fetch, give --engine relay or tcp, or remove it",
  ]);
});

Deno.test("--join is for sockets of a .socket unit, not for those that are handed over", () => {
  assertEquals(errors([...PROGRAM, ...HANDOVER, "--child-logs=inherit", "--join"]), [
    "--join: who hands over is not joined, remove one of them",
  ]);
  assertEquals(errors([...PROGRAM, "--join", "--engine=fetch"]), [
    "--join: not with --engine fetch, give --engine relay or tcp, or remove it",
  ]);
  assertEquals(resolved([...PROGRAM, "--join"]).config.join, true);
});
