/** A directory that is gone after the test. */
export class TempDirectory implements Disposable {
  readonly path: string = Deno.makeTempDirSync({ prefix: "liveroll-state-" });

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}
