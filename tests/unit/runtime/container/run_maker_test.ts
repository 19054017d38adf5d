import { assertEquals } from "@std/assert";
import { parseReference } from "../../../../src/image/image_reference.ts";
import { KnownImages } from "../../../../src/runtime/container/known_images.ts";
import { RunMaker } from "../../../../src/runtime/container/run_maker.ts";
import { FakeEngine } from "../../../helpers/fake_engine.ts";
import { DIGEST, IDENTITY, OWNER, VERSION } from "./rig.ts";

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };
const never = new AbortController().signal;

Deno.test("each container says whose it is, of which version and which copy, and what the operator wants it to", async () => {
  const { engine, containers } = new FakeEngine();
  const shelf = { exposedPorts: () => Promise.resolve(["8080/tcp"]) };
  const maker = new RunMaker({
    engine,
    owner: OWNER,
    body: { Labels: { team: "web", "liveroll.app": "of somebody else" } },
    baseName: "web",
    images: new KnownImages(shelf, parseReference("reg.example/web"), null),
    replicas: 2,
    log: SILENT,
  });
  await maker.prepare(VERSION, never);
  for (const number of [0, 1]) await maker.create(IDENTITY, number, never);
  const common = {
    team: "web",
    "liveroll.app": "web",
    "liveroll.state": OWNER.tokenPrefix,
    "liveroll.version": VERSION,
    "liveroll.digest": DIGEST,
    "liveroll.roll": "7",
    "liveroll.role": "replica",
    "liveroll.instance": "i7",
    "liveroll.token": IDENTITY.token,
  };
  assertEquals([...containers.values()].map(({ labels }) => labels), [
    { ...common, "liveroll.replica": "0" },
    { ...common, "liveroll.replica": "1" },
  ]);
});
