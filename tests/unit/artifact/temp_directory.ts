/** A directory that is gone after the test. */
export class TempDirectory implements Disposable {
  readonly path: string = Deno.makeTempDirSync({ prefix: "liveroll-artifact-" });

  /** The names in it, sorted. */
  names(below = ""): string[] {
    return [...Deno.readDirSync(`${this.path}/${below}`)].map(({ name }) => name).toSorted();
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}
