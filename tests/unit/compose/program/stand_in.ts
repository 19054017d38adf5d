import { ComposeCli, type ComposeCliOptions } from "../../../../src/compose/program/compose_cli.ts";
import type { ComposeStack } from "../../../../src/compose/program/stack.ts";
import { TempDirectory } from "../../artifact/temp_directory.ts";

/** Programs that note how they were called, and then do what they are told to. */
export class StandIns extends TempDirectory {
  /** With nothing else on the path than the stand-ins and a few basic programs. */
  readonly env = { PATH: `${this.path}/bin`, HOME: this.path };

  constructor() {
    super();
    Deno.mkdirSync(`${this.path}/bin`);
    for (const name of ["sh", "cat", "env", "sleep"]) {
      Deno.symlinkSync(`/bin/${name}`, `${this.path}/bin/${name}`);
    }
  }

  /** @param script What it does; `$*` is what it was called with. */
  add(name: string, script: string): void {
    const notes = `for arg; do printf '%s\\n' "$arg"; done > ${this.path}/args\n` +
      `env > ${this.path}/env\n`;
    const text = `#!/bin/sh\n${notes}${script}\n`;
    Deno.writeTextFileSync(`${this.path}/bin/${name}`, text, { mode: 0o755 });
  }

  get args(): string[] {
    return Deno.readTextFileSync(`${this.path}/args`).split("\n").slice(0, -1);
  }

  /** The environment that it had. */
  get seen(): ReadonlyMap<string, string> {
    const lines = Deno.readTextFileSync(`${this.path}/env`).split("\n");
    return new Map(lines.map((line): [string, string] => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1)];
    }));
  }

  get stack(): ComposeStack {
    return {
      project: "blog",
      directory: this.path,
      files: ["/srv/blog/compose.yaml", "/var/lib/liveroll/override.json"],
      envFile: "/srv/blog/prod.env",
      profiles: ["web"],
    };
  }

  compose(major: 1 | 2 = 2, options: Partial<ComposeCliOptions> = {}): ComposeCli {
    const words = major === 2 ? ["docker", "compose"] : ["docker-compose"];
    const version = { major, text: major === 2 ? "2.40.3" : "1.29.2", words };
    const redact = (text: string) => text.replaceAll("s3cret", "[redacted]");
    return new ComposeCli({ version, env: this.env, managedKey: null, redact, ...options });
  }
}
