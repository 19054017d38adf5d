import { assertEquals } from "@std/assert";
import { ForgottenData } from "../../../../src/commands/run/forgotten_data.ts";
import type { ImageInfo } from "../../../../src/container/engine/image_info.ts";

Deno.test("data that would be lost with each container is told of once", () => {
  const told: string[] = [];
  const body = { HostConfig: { Binds: ["log:/log"] } };
  const forgotten = new ForgottenData(body, { warn: (message) => void told.push(message) });
  const image = { config: { volumes: ["/data", "/log"] } } as unknown as ImageInfo;
  forgotten.look(image);
  forgotten.look(image);
  assertEquals(told, [
    "What is written to /data is lost with each container: the image has a volume there, and the " +
    "options none; give -v NAME:/data, or -v /data if nothing of it matters",
  ]);
  assertEquals(forgotten.complaints, told);
});

Deno.test("what the newest image does not lose any more is no complaint any more", () => {
  const told: string[] = [];
  const forgotten = new ForgottenData({}, { warn: (message) => void told.push(message) });
  const image = (volumes: string[]) => ({ config: { volumes } }) as unknown as ImageInfo;
  forgotten.look(image(["/data"]));
  forgotten.look(image([]));
  assertEquals([forgotten.complaints, told.length], [[], 1]);
});
