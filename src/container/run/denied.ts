const HOST = "it would take the container out of its isolation from the host";
const OURS_TO_READ = "liveroll reads what containers print by itself";
const UPDATED = "liveroll decides itself which image runs";

/** Options of `docker run` that liveroll does not pass on, each with the reason. */
export const DENIED: ReadonlyMap<string, string> = new Map([
  ["attach", OURS_TO_READ],
  ["cap-add", "it would give the image more rights over the host than others have"],
  ["cgroupns", HOST],
  ["cidfile", "liveroll starts several containers; find them by their labels"],
  ["detach", "liveroll watches over its containers itself"],
  ["detach-keys", "nobody is attached to the container"],
  ["device", "it would give the image a device of the host"],
  ["device-cgroup-rule", "it would give the image devices of the host"],
  ["disable-content-trust", UPDATED],
  ["interactive", "nobody types into the container"],
  ["ipc", HOST],
  ["label-file", "liveroll has to know its labels, give them by --label"],
  ["link", "a link leads to one container, which the next roll replaces; use --network"],
  ["pid", HOST],
  ["platform", UPDATED],
  ["privileged", "it would give the image the whole host"],
  [
    "publish",
    "every copy needs a port of its own, which liveroll chooses and puts its proxy before",
  ],
  ["publish-all", "it would open ports of the container to everybody, past the proxy"],
  ["pull", UPDATED],
  ["quiet", "there is nothing to be quiet about"],
  ["restart", "liveroll starts what has crashed again itself, and nothing that is not proven"],
  ["rm", "liveroll removes containers itself, once their last lines are read"],
  ["security-opt", "it can switch the confinement of the container off"],
  ["sig-proxy", "nobody is attached to the container"],
  ["tty", "a terminal would mix both streams of output into one"],
  ["userns", HOST],
  ["uts", HOST],
  ["volumes-from", "the other container may be gone at the next roll; name its volumes"],
]);

/** Names of one letter, of those that are denied. */
export const DENIED_LETTERS: ReadonlyMap<string, string> = new Map([
  ["a", "attach"],
  ["d", "detach"],
  ["i", "interactive"],
  ["p", "publish"],
  ["P", "publish-all"],
  ["q", "quiet"],
  ["t", "tty"],
]);

/** Why a network cannot be used; null: it can. */
export function networkObstacle(network: string): string | null {
  const isShared = network === "host" || network === "none" || network.startsWith("container:");
  return isShared ? "the container would have no port of its own for the proxy to reach" : null;
}
