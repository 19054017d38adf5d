import { podmanObstacle, startPodman } from "../../scripts/lib/podman.ts";
import type { Requirement } from "./skip.ts";

/** Met when a Podman really comes up here. */
export async function podmanWorks(): Promise<Requirement> {
  const obstacle = podmanObstacle();
  if (obstacle !== null) return { ok: false, why: obstacle };
  try {
    await using _podman = await startPodman("127.0.0.1:1");
    return { ok: true };
  } catch (error) {
    const lines = (error instanceof Error ? error.message : String(error)).trim().split("\n");
    return { ok: false, why: `${lines[0]}: ${lines.at(-1)}` };
  }
}
