import { Home } from "./home.ts";
import { Liveroll, type LiverollOptions } from "./liveroll.ts";
import { showingLogs } from "./showing_logs.ts";
import { type Behaviour, TOY_COMMANDS } from "./toy.ts";

/** Defaults of tests that only a program can have. */
const NOT_FOR_ASSETS = Object.fromEntries(
  [
    ...["pull", "id", "exec", "min-healthy", "host", "port", "child-port1", "child-port2"],
    ...["healthcheck", "health-interval", "health-timeout", "stop-timeout"],
  ].map((flag) => [flag, null]),
);

/** A directory of releases, and a host that keeps up with it. */
export class ReleaseHost implements AsyncDisposable {
  readonly home = new Home();
  readonly #lives: Liveroll[] = [];

  constructor() {
    Deno.mkdirSync(this.registry);
  }

  /** Where releases are published. */
  get registry(): string {
    return `${this.home.workspace.dir}/registry`;
  }

  /** Where they are kept. */
  get root(): string {
    return `${this.home.workspace.dir}/root`;
  }

  /** All that were started here. */
  get lives(): readonly Liveroll[] {
    return this.#lives;
  }

  /** Publishes the toy app as an archive for this machine, in one step. */
  async publish(tag: string, behaviour: Behaviour = {}): Promise<void> {
    this.home.workspace.setBehaviour(tag, behaviour);
    const work = await Deno.makeTempDir({ dir: this.home.workspace.dir });
    const script = `#!/bin/sh\nexec ${TOY_COMMANDS.deno}\n`;
    await Deno.writeTextFile(`${work}/app`, script, { mode: 0o755 });
    const { os, arch } = Deno.build;
    await Deno.mkdir(`${work}/release`);
    const archive = `${work}/release/app_${os}_${arch}.tar.gz`;
    const tar = new Deno.Command("tar", { args: ["-czf", archive, "-C", work, "app"] });
    const { success } = await tar.output();
    if (!success) throw new Error(`Cannot pack ${tag}`);
    await Deno.rename(`${work}/release`, `${this.registry}/${tag}`);
  }

  /** Starts liveroll. */
  begin(
    flags: Record<string, string | null> = {},
    env: Record<string, string> = {},
    options: Pick<LiverollOptions, "program"> = {},
  ): Liveroll {
    const liveroll = new Liveroll({
      ...options,
      home: this.home,
      env,
      flags: {
        pull: null,
        id: null,
        registry: `file://${this.registry}`,
        "release-root": this.root,
        exec: "./app",
        interval: "100ms",
        ...flags,
      },
    });
    this.#lives.push(liveroll);
    return liveroll;
  }

  /** Publishes the toy app as it is, without an archive. */
  async publishProgram(tag: string): Promise<void> {
    this.home.workspace.setBehaviour(tag, {});
    const work = await Deno.makeTempDir({ dir: this.home.workspace.dir });
    const { os, arch } = Deno.build;
    const script = `#!/bin/sh\nexec ${TOY_COMMANDS.deno}\n`;
    await Deno.writeTextFile(`${work}/app-${tag}_${os}_${arch}`, script);
    await Deno.rename(work, `${this.registry}/${tag}`);
  }

  /** Publishes a site as an archive of any content, in one step. */
  async publishSite(tag: string, archive: Uint8Array): Promise<void> {
    const work = await Deno.makeTempDir({ dir: this.home.workspace.dir });
    await Deno.writeFile(`${work}/site.tar.gz`, archive);
    await Deno.rename(work, `${this.registry}/${tag}`);
  }

  /** Starts liveroll for sites. */
  beginAssets(flags: Record<string, string | null> = {}): Liveroll {
    const liveroll = new Liveroll({
      home: this.home,
      verb: "assets",
      flags: {
        ...NOT_FOR_ASSETS,
        registry: `file://${this.registry}?artifact=site.tar.gz`,
        "release-root": this.root,
        interval: "100ms",
        ...flags,
      },
    });
    this.#lives.push(liveroll);
    return liveroll;
  }

  /** The versions on this host, in the order of their tags. */
  kept(): string[] {
    const names = [...Deno.readDirSync(`${this.root}/releases`)].map(({ name }) => name);
    return names.filter((name) => name.endsWith(".json"))
      .map((name) => JSON.parse(Deno.readTextFileSync(`${this.root}/releases/${name}`)).tag)
      .sort();
  }

  /** The version that `current` leads to. */
  current(): string {
    const path = Deno.realPathSync(`${this.root}/current`);
    return JSON.parse(Deno.readTextFileSync(`${path}.json`)).tag;
  }

  /** The audit records beside a release. */
  records(tag: string): string[] {
    return [...Deno.readDirSync(`${this.registry}/${tag}`)].map(({ name }) => name)
      .filter((name) => name.endsWith(".txt")).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const life of this.#lives) await life[Symbol.asyncDispose]();
    this.home[Symbol.dispose]();
  }
}

/** Runs `test` with a host that follows a registry; when it fails, the logs are shown. */
export async function withReleases(test: (host: ReleaseHost) => Promise<void>): Promise<void> {
  const all: ReleaseHost[] = [];
  await showingLogs(() => all.flatMap(({ lives }) => lives), async () => {
    await using host = new ReleaseHost();
    all.push(host);
    await test(host);
  });
}
