import { assertEquals } from "@std/assert";
import { readContainer, stateOf } from "../../../../src/container/engine/container_info.ts";
import { readImage } from "../../../../src/container/engine/image_info.ts";
import { Members } from "../../../../src/container/engine/members.ts";

const HEX = "ab".repeat(32);
const NEVER = "0001-01-01T00:00:00Z";

Deno.test("a container that Docker looks at is read", () => {
  const info = readContainer(
    new Members({
      Id: "one",
      Name: "/web-1",
      Image: `sha256:${HEX}`,
      Created: "2026-11-21T10:00:00.123456789Z",
      RestartCount: 2,
      HostConfig: { RestartPolicy: { Name: "always" } },
      Config: { Image: "h.io/a:v1", Labels: { a: "b" }, Tty: true },
      State: {
        Status: "running",
        Pid: 7,
        StartedAt: "2026-11-21T10:00:01Z",
        FinishedAt: NEVER,
        Health: {
          Status: "unhealthy",
          Log: [{ Output: "first" }, { ExitCode: 1, Output: "no database\n" }],
        },
      },
      NetworkSettings: {
        Ports: { "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: "32768" }], "53/udp": null },
        Networks: { bridge: { IPAddress: "10.0.0.2" }, back: null },
      },
      Mounts: [{ Type: "volume", Name: "d", Source: "/v/d", Destination: "/data", RW: true }],
    }),
  );
  assertEquals(info, {
    id: "one",
    name: "web-1",
    imageId: `sha256:${HEX}`,
    image: "h.io/a:v1",
    labels: { a: "b" },
    state: "running",
    pid: 7,
    health: "unhealthy",
    healthOutput: "no database",
    end: null,
    restarts: 2,
    restartPolicy: "always",
    createdAt: Date.parse("2026-11-21T10:00:00.123Z"),
    startedAt: Date.parse("2026-11-21T10:00:01Z"),
    ports: [{ container: "8080/tcp", hostIp: "127.0.0.1", hostPort: 32_768 }],
    mounts: [{ kind: "volume", name: "d", source: "/v/d", target: "/data", isWritable: true }],
    networks: { bridge: "10.0.0.2", back: "" },
    isTty: true,
  });
});

Deno.test("a container that Podman looks at is read, although much is null or empty", () => {
  const info = readContainer(
    new Members({
      Id: "one",
      Name: "web",
      Image: HEX,
      HostConfig: { RestartPolicy: { Name: "" } },
      Config: { Labels: null },
      State: { Status: "configured", StartedAt: NEVER, Health: { Status: "", Log: null } },
      NetworkSettings: { Ports: {}, Networks: null },
      Mounts: null,
    }),
  );
  const { imageId, state, health, healthOutput, end, restartPolicy, startedAt } = info;
  assertEquals(
    { imageId, state, health, healthOutput, end, restartPolicy, startedAt },
    {
      imageId: `sha256:${HEX}`,
      state: "created",
      health: "none",
      healthOutput: null,
      end: null,
      restartPolicy: "no",
      startedAt: null,
    },
  );
});

Deno.test("a container that could not be started has ended, and says why", () => {
  const error = "no such file";
  const State = { Status: "created", ExitCode: 127, Error: error, FinishedAt: NEVER };
  const { end } = readContainer(new Members({ State }));
  assertEquals(end, { code: 127, isOutOfMemory: false, error, at: null });
});

Deno.test("states are known in the words of both engines", () => {
  const words = ["running", "stopping", "initialized", "exited", "stopped", "removing", "new"];
  assertEquals(words.map(stateOf), [
    "running",
    "running",
    "created",
    "exited",
    "exited",
    "removing",
    "exited",
  ]);
});

Deno.test("an image is read, with tags and digests kept apart", () => {
  const digest = `h.io/a@sha256:${HEX}`;
  const image = readImage(
    new Members({
      Id: HEX,
      RepoTags: ["h.io/a:v1", "<none>:<none>", digest, "nginx:1.27", "O/dd:v1"],
      RepoDigests: [digest, "<none>@<none>"],
      Created: "2026-11-21T10:00:00Z",
      Size: 10,
      Os: "linux",
      Architecture: "arm64",
      Config: {
        Env: ["A=b"],
        Cmd: ["run"],
        Entrypoint: null,
        ExposedPorts: { "80/tcp": {} },
        Volumes: { "/data": {} },
        User: "app",
        WorkingDir: "/",
        StopSignal: "SIGINT",
        Healthcheck: { Test: ["CMD", "check"] },
      },
    }),
  );
  assertEquals(image, {
    id: `sha256:${HEX}`,
    tags: ["h.io/a:v1", "docker.io/library/nginx:1.27", "O/dd:v1"],
    digests: [digest],
    createdAt: Date.parse("2026-11-21T10:00:00Z"),
    sizeBytes: 10,
    os: "linux",
    architecture: "arm64",
    config: {
      env: ["A=b"],
      command: ["run"],
      entrypoint: [],
      exposedPorts: ["80/tcp"],
      volumes: ["/data"],
      user: "app",
      workingDir: "/",
      stopSignal: "SIGINT",
      hasHealthcheck: true,
      labels: {},
    },
  });
  const off = readImage(new Members({ Config: { Healthcheck: { Test: ["NONE"] } } }));
  assertEquals([off.config.hasHealthcheck, off.tags, off.createdAt], [false, [], null]);
});
