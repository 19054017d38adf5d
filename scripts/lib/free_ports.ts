/** Below the range from which systems take the ports of outgoing connections. */
const FIRST_PORT = 12_000;
const LAST_PORT = 31_999;
const MAX_ATTEMPTS = 1_000;
/** Where tests that run now say which ports are theirs, though nobody may listen there yet. */
const CLAIMS = "/tmp/liveroll-test-ports";

/**
 * Distinct TCP ports on loopback that nobody listens on now. They lie outside the ephemeral range,
 * so that no outgoing connection takes one while it is not in use.
 *
 * @throws {Error} When there are too few.
 */
export function freePorts(count: number): number[] {
  const ports = new Set<number>();
  for (let attempt = 0; attempt < MAX_ATTEMPTS && ports.size < count; attempt++) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT + 1));
    if (!isClaimed(port) && isFree(port)) ports.add(port);
  }
  if (ports.size < count) throw new Error(`Cannot find ${count} free ports: found ${ports.size}`);
  return [...ports];
}

/** With an even port, the odd one above it is claimed, too. */
function isClaimed(port: number): boolean {
  try {
    return Deno.statSync(`${CLAIMS}/${port - port % 2}`).isFile;
  } catch {
    return false;
  }
}

function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch {
    return false;
  }
}
