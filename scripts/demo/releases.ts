/** What is wrong with a release; null: nothing. */
export type Fault = "crash" | "sick" | null;

/** A version of the app that somebody has published. */
export interface Release {
  id: string;
  fault: Fault;
}

/** One release in so many is broken, in turn of either kind. */
const BROKEN_EVERY = 4;

/** The release with the given number; 1 is the first. */
export function release(number: number): Release {
  const id = `v${number}`;
  if (number % BROKEN_EVERY !== BROKEN_EVERY - 1) return { id, fault: null };
  return { id, fault: number % (2 * BROKEN_EVERY) < BROKEN_EVERY ? "crash" : "sick" };
}

/** Where the demo keeps what is published, pulled and run; removed when it is disposed of. */
export class ReleaseDirectory implements Disposable {
  readonly path: string = Deno.makeTempDirSync({ prefix: "liveroll-demo-" });

  constructor() {
    Deno.mkdirSync(`${this.path}/faults`);
  }

  /** Makes `release` the newest one, in one step. */
  publish({ id, fault }: Release): void {
    if (fault !== null) Deno.writeTextFileSync(`${this.path}/faults/${id}`, fault);
    Deno.writeTextFileSync(`${this.path}/newest.tmp`, `${id}\n`);
    Deno.renameSync(`${this.path}/newest.tmp`, `${this.path}/newest`);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}
