import { assertEquals, assertThrows } from "@std/assert";
import { enginePlace } from "../../../../src/container/engine/engine_place.ts";

const DOCKER = "/var/run/docker.sock";
const PODMAN = "/run/podman/podman.sock";
const USER = { XDG_RUNTIME_DIR: "/run/user/7" };

type Row = [host: string | null, env: Record<string, string>, there: string[], path: string];

const TABLE: readonly Row[] = [
  [null, {}, [DOCKER, PODMAN], DOCKER],
  [null, {}, [PODMAN], PODMAN],
  [null, {}, [], DOCKER],
  [null, { DOCKER_HOST: "" }, [PODMAN], PODMAN],
  [null, { DOCKER_HOST: "unix:///a.sock" }, [DOCKER], "/a.sock"],
  ["unix:///b.sock", { DOCKER_HOST: "unix:///a.sock" }, [DOCKER], "/b.sock"],
  ["/c.sock", {}, [], "/c.sock"],
  [null, USER, ["/run/user/7/docker.sock"], "/run/user/7/docker.sock"],
  [null, USER, ["/run/user/7/podman/podman.sock"], "/run/user/7/podman/podman.sock"],
  [null, USER, [PODMAN, "/run/user/7/docker.sock"], PODMAN],
];

for (const [host, env, there, path] of TABLE) {
  const given = JSON.stringify({ host, env, there });
  Deno.test(`the engine is looked for at ${path}: ${given}`, () => {
    assertEquals(enginePlace({ host, env, exists: (one) => there.includes(one) }), path);
  });
}

for (
  const host of ["tcp://10.0.0.1:2375", "ssh://host", "npipe:////./pipe/x", "unix://a.sock", "a"]
) {
  Deno.test(`an engine elsewhere is refused: ${host}`, () => {
    for (const place of [{ host, env: {} }, { host: null, env: { DOCKER_HOST: host } }]) {
      assertThrows(
        () => enginePlace({ ...place, exists: () => true }),
        SyntaxError,
        `"${host}" is no socket of an engine on this host, give unix:///PATH`,
      );
    }
  });
}
