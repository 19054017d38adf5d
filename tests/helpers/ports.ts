/** Where claims are kept, so that test processes that run side by side never share a port. */
const CLAIMS = "/tmp/liveroll-test-ports";

/** Below the range from which Linux takes the ports of outgoing connections. */
const FIRST_PORT = 12_000;
const LAST_PORT = 31_999;

/**
 * A set of loopback ports that nobody else in any test uses until it is disposed of. All are even;
 * the odd port above each belongs to the claim too.
 */
export class PortClaim implements Disposable {
  readonly ports: readonly number[];

  /** @throws {Error} When too many ports are taken. */
  constructor(count: number) {
    Deno.mkdirSync(CLAIMS, { recursive: true });
    this.ports = Array.from({ length: count }, claimOne);
  }

  [Symbol.dispose](): void {
    for (const port of this.ports) remove(`${CLAIMS}/${port}`);
  }
}

/** Whether `port` can be bound on loopback now. */
export function isFree(port: number): boolean {
  try {
    Deno.listen({ port, hostname: "127.0.0.1" }).close();
    return true;
  } catch {
    return false;
  }
}

function claimOne(): number {
  for (let attempt = 0; attempt < 500; attempt++) {
    const port = FIRST_PORT + 2 * Math.floor(Math.random() * (LAST_PORT - FIRST_PORT) / 2);
    if (!claim(`${CLAIMS}/${port}`)) continue;
    if (isFree(port) && isFree(port + 1)) return port;
    remove(`${CLAIMS}/${port}`);
  }
  throw new Error("Cannot find a free port: 500 attempts failed");
}

function claim(file: string): boolean {
  try {
    Deno.writeTextFileSync(file, `${Deno.pid}`, { createNew: true });
    return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    return takeOver(file);
  }
}

/** A claim whose process is gone is nobody's. */
function takeOver(file: string): boolean {
  try {
    Deno.statSync(`/proc/${Deno.readTextFileSync(file).trim()}`);
  } catch {
    remove(file);
  }
  return false;
}

function remove(file: string): void {
  try {
    Deno.removeSync(file);
  } catch {
    // Somebody was faster.
  }
}
