import { assertEquals } from "@std/assert";
import { warnOfForgottenData } from "../../../../src/commands/run/images.ts";
import type { ImageInfo } from "../../../../src/container/engine/image_info.ts";

Deno.test("data that would be lost with each container is told of once", () => {
  const told: string[] = [];
  const body = { HostConfig: { Binds: ["log:/log"] } };
  const onImage = warnOfForgottenData(body, { warn: (message) => void told.push(message) });
  const image = { config: { volumes: ["/data", "/log"] } } as unknown as ImageInfo;
  onImage(image);
  onImage(image);
  assertEquals(told, [
    "What is written to /data is lost with each container: the image has a volume there, and the " +
    "options none; give -v NAME:/data, or -v /data if nothing of it matters",
  ]);
});
