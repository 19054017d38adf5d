import { extract, type ExtractOptions } from "../../../../src/artifact/extract/extract.ts";

/** A directory for one archive and what comes out of it; gone after the test. */
export class Workbench implements Disposable {
  readonly path: string = Deno.makeTempDirSync({ prefix: "liveroll-extract-" });

  constructor() {
    Deno.mkdirSync(`${this.path}/in`);
    Deno.mkdirSync(`${this.path}/out`);
    Deno.writeTextFileSync(`${this.path}/secret`, "outside");
  }

  /** Where the release will be. */
  get release(): string {
    return `${this.path}/out/release`;
  }

  /** Extracts an archive with these bytes. */
  async extract(
    name: string,
    bytes: Uint8Array,
    options: Partial<ExtractOptions> = {},
  ): Promise<void> {
    const path = `${this.path}/in/${name}`;
    await Deno.writeFile(path, bytes);
    await extract(path, { into: this.release, ...options });
  }

  /** What is where releases are made, at whatever depth; and whether nothing else was touched. */
  leftovers(): string[] {
    const found = [...Deno.readDirSync(`${this.path}/out`)].map(({ name }) => name);
    if (Deno.readTextFileSync(`${this.path}/secret`) !== "outside") found.push("../secret");
    const around = [...Deno.readDirSync(this.path)].map(({ name }) => name).toSorted();
    return around.join() === "in,out,secret" ? found : [...found, ...around];
  }

  read(path: string): string {
    return Deno.readTextFileSync(`${this.release}/${path}`);
  }

  mode(path: string): number {
    return (Deno.lstatSync(`${this.release}/${path}`).mode ?? 0) & 0o7777;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}
