import { formatReference, parseReference } from "../../image/image_reference.ts";
import { imageId } from "./container_info.ts";
import { dateOf, type Members } from "./members.ts";

/** An image, as it is on this host. */
export interface ImageInfo {
  /** `sha256:…`, of its configuration: the same bytes have the same id everywhere. */
  readonly id: string;
  /** Names that lead to it now, `HOST/REPO:TAG`, in full. */
  readonly tags: readonly string[];
  /** `HOST/REPO@sha256:…` by which it was pulled or pushed; empty for one that was built here. */
  readonly digests: readonly string[];
  /** Milliseconds since 1970. */
  readonly createdAt: number | null;
  readonly sizeBytes: number;
  readonly os: string;
  readonly architecture: string;
  readonly config: ImageConfig;
}

/** What an image says of how it is run. */
export interface ImageConfig {
  readonly env: readonly string[];
  readonly command: readonly string[];
  readonly entrypoint: readonly string[];
  /** For example `8080/tcp`. */
  readonly exposedPorts: readonly string[];
  /** Paths that get an anonymous volume each. */
  readonly volumes: readonly string[];
  readonly user: string;
  readonly workingDir: string;
  /** Empty: `SIGTERM`. */
  readonly stopSignal: string;
  readonly hasHealthcheck: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

/** An image as lists show it. */
export type ImageSummary =
  & Pick<ImageInfo, "id" | "tags" | "digests" | "createdAt" | "sizeBytes">
  & {
    readonly labels: Readonly<Record<string, string>>;
  };

/** Engines name what has no name so. */
const NONE = "<none>";

/** Reads the answer to `/images/NAME/json`. */
export function readImage(answer: Members): ImageInfo {
  const config = answer.object("Config");
  const [test] = config.object("Healthcheck").texts("Test");
  return {
    id: imageId(answer.text("Id")),
    tags: tagged(answer.texts("RepoTags")),
    digests: named(answer.texts("RepoDigests")),
    createdAt: dateOf(answer.text("Created")),
    sizeBytes: answer.number("Size"),
    os: answer.text("Os"),
    architecture: answer.text("Architecture"),
    config: {
      env: config.texts("Env"),
      command: config.texts("Cmd"),
      entrypoint: config.texts("Entrypoint"),
      exposedPorts: config.object("ExposedPorts").names(),
      volumes: config.object("Volumes").names(),
      user: config.text("User"),
      workingDir: config.text("WorkingDir"),
      stopSignal: config.text("StopSignal"),
      hasHealthcheck: test !== undefined && test !== "NONE",
      labels: config.textsByName("Labels"),
    },
  };
}

/** Reads one of the answer to `/images/json`. */
export function readImageSummary(one: Members): ImageSummary {
  return {
    id: imageId(one.text("Id")),
    tags: tagged(one.texts("RepoTags")),
    digests: named(one.texts("RepoDigests")),
    createdAt: one.number("Created") * 1000,
    sizeBytes: one.number("Size"),
    labels: one.textsByName("Labels"),
  };
}

/** Podman has digests among the tags. */
function tagged(names: readonly string[]): readonly string[] {
  return named(names).filter((name) => !name.includes("@"));
}

function named(names: readonly string[]): readonly string[] {
  return names.filter((name) => !name.includes(NONE)).map(inFull);
}

/** Docker leaves out what it takes for granted. */
function inFull(name: string): string {
  try {
    return formatReference(parseReference(name));
  } catch {
    // Images may be imported under any name.
    return name;
  }
}
