import {
  type Asset,
  RegistryError,
  type RegistryErrorKind,
  type Release,
} from "../source/registry.ts";

/** Troubles that are everybody's; another may have a token that this one has not. */
const SHARED: readonly RegistryErrorKind[] = ["unreachable", "rate_limited"];

/** Why a registry could not be asked. */
export interface Trouble {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly kind: RegistryErrorKind;
  readonly message: string;
  /** How long the registry wanted to be left alone then. */
  readonly retryAfterMs: number | null;
}

/** What a registry has said, for all who would ask it. */
export interface ReleaseEntry {
  /** Milliseconds since 1970; null: it has never said anything. */
  readonly fetchedAt: number | null;
  readonly releases: readonly Release[];
  /** Null: it could be asked. */
  readonly trouble: Trouble | null;
}

/** Null: the trouble is not everybody's. */
export function toTrouble(error: unknown, at: number): Trouble | null {
  if (!(error instanceof RegistryError) || !SHARED.includes(error.kind)) return null;
  const { kind, message, retryAfterMs } = error;
  return { at, kind, message, retryAfterMs };
}

/** The other way round: {@linkcode readEntry}. */
export function writeEntry(entry: ReleaseEntry): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(entry));
}

/** Null: it is none. */
export function readEntry(bytes: Uint8Array): ReleaseEntry | null {
  try {
    const { fetchedAt, releases, trouble } = JSON.parse(new TextDecoder().decode(bytes));
    const isGood = isNumberOrNull(fetchedAt) && Array.isArray(releases) &&
      releases.every(isRelease) && (trouble === null || isTrouble(trouble));
    return isGood ? { fetchedAt, releases, trouble } : null;
  } catch {
    return null;
  }
}

function isRelease(value: Partial<Release> | null): boolean {
  return value !== null && typeof value.tag === "string" && isNumberOrNull(value.publishedAt) &&
    Array.isArray(value.assets) && value.assets.every(isAsset);
}

function isAsset(value: Partial<Asset> | null): boolean {
  return value !== null && typeof value.name === "string" && typeof value.ref === "string" &&
    isNumberOrNull(value.size) && (value.sha256 === null || typeof value.sha256 === "string");
}

function isTrouble({ at, kind, message, retryAfterMs }: Partial<Trouble>): boolean {
  return typeof at === "number" && kind !== undefined && SHARED.includes(kind) &&
    typeof message === "string" && isNumberOrNull(retryAfterMs);
}

function isNumberOrNull(value: unknown): boolean {
  return value === null || typeof value === "number";
}
