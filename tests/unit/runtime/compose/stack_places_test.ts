import { assertEquals } from "@std/assert";
import { readModel } from "../../../../src/compose/read_model.ts";
import type { StackPlan } from "../../../../src/compose/stack_plan.ts";
import {
  placesOfStack,
  type StackPlacesOptions,
} from "../../../../src/runtime/compose/stack_places.ts";

const ANONYMOUS = "f".repeat(64);
const PROJECT = "com.docker.compose.project";
const SERVICE = "com.docker.compose.service";

const CONTAINERS = [
  {
    id: "w1",
    mounts: [
      { kind: "volume", name: "blog_data", source: "/v", target: "/d", isWritable: true },
      { kind: "volume", name: ANONYMOUS, source: "/a", target: "/cache", isWritable: true },
      { kind: "volume", name: "conf", source: "/c", target: "/conf", isWritable: false },
      { kind: "bind", name: "", source: "/run/x.sock", target: "/x.sock", isWritable: true },
    ],
  },
];

Deno.test("data of services: what the files say, and volumes that only containers know", async () => {
  const volumes = ["data:/d", "theirs:/t", "/srv/files:/f", "/anonymous", "data:/again"];
  const services = { web: { volumes }, db: { volumes: ["db:/db"] } };
  const named = { data: {}, db: {}, theirs: { external: true, name: "legacy" } };
  const model = readModel({ services, volumes: named }, "blog");
  const asked: string[][] = [];
  const containers = {
    list: (labels: string[]) => {
      asked.push(labels);
      return Promise.resolve(CONTAINERS);
    },
    find: (id: string) => Promise.resolve(CONTAINERS.find((one) => one.id === id)),
  };
  const find = placesOfStack({
    engine: { containers } as unknown as StackPlacesOptions["engine"],
    plan: {
      model,
      services: [model.services.get("web")!],
      project: { name: "blog" } as StackPlan["project"],
    },
  });
  const labels = { [PROJECT]: "blog", "com.docker.compose.volume": "data" };
  assertEquals(await find(new AbortController().signal), [
    { kind: "volume", source: "blog_data", target: "/d", labels },
    { kind: "volume", source: "legacy", target: "/t", labels: null },
    { kind: "bind", source: "/srv/files", target: "/f", labels: {} },
    { kind: "volume", source: ANONYMOUS, target: "/cache", labels: null },
  ]);
  assertEquals(asked, [
    [`${PROJECT}=blog`, `${SERVICE}=web`, "com.docker.compose.oneoff=False"],
  ]);
});
