/** A stack, as compose is told about it: everything explicit, nothing found by looking around. */
export interface ComposeStack {
  /** The name of the project. */
  readonly project: string;
  /** What relative paths in the files mean; absolute. */
  readonly directory: string;
  /** Absolute; later ones override earlier ones, ours is the last. */
  readonly files: readonly string[];
  /** Absolute; null: `.env` in the directory, if there is one. */
  readonly envFile: string | null;
  readonly profiles: readonly string[];
}

/** A stack whose name is not known yet. */
export type UnnamedStack = Omit<ComposeStack, "project">;

/** How many containers a service is to have. */
export interface Scale {
  readonly service: string;
  readonly replicas: number;
}

/** How a service is brought up. */
export interface UpOptions {
  /**
   * `recreate`: containers that differ from the configuration are replaced; `keep`: those that are
   * there stay as they are, and only new ones are made; `always`: all are replaced.
   *
   * @default {"recreate"}
   */
  readonly existing?: "recreate" | "keep" | "always";
  /** @default {as many as the file says} */
  readonly scale?: Scale;
  /** How long a container may take to stop before it is killed, in milliseconds. */
  readonly stopTimeoutMs?: number;
}

/** A command that is run once, in a container of its own. */
export interface OneShot {
  readonly service: string;
  /** What the image's entrypoint is given, or, with `entrypoint`, that one. */
  readonly command: readonly string[];
  readonly entrypoint?: string;
  /** Set in the container; values are not visible in the list of processes. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where its standard output goes, as a file; without it, lines are kept for messages. */
  readonly stdoutPath?: string;
}
