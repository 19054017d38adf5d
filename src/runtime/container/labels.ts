import type { Identity } from "../process_instance.ts";

/** What every container of ours says of itself. */
export const LABELS = {
  app: "liveroll.app",
  /** The state directory it belongs to: two applications may have the same name. */
  state: "liveroll.state",
  version: "liveroll.version",
  /** Digest of the image, as far as the version names one. */
  digest: "liveroll.digest",
  roll: "liveroll.roll",
  role: "liveroll.role",
  instance: "liveroll.instance",
  token: "liveroll.token",
  replica: "liveroll.replica",
} as const;

/** `replica`: serves; `migration`: changes data, and ends. */
export const ROLES = ["replica", "migration"] as const;

/** One of {@linkcode ROLES}. */
export type Role = (typeof ROLES)[number];

/** Whose containers they are. */
export interface Owner {
  readonly app: string;
  /** What all tokens of its state directory begin with. */
  readonly tokenPrefix: string;
}

/** The labels of one container. */
export function labelsOf(
  { app, tokenPrefix }: Owner,
  { key, id, token }: Pick<Identity, "key" | "id" | "token">,
  role: Role,
  replica: number,
): Record<string, string> {
  const [, digest = ""] = /@(sha256:[0-9a-f]{64})$/.exec(id) ?? [];
  return {
    [LABELS.app]: app,
    [LABELS.state]: tokenPrefix,
    [LABELS.version]: id,
    [LABELS.digest]: digest,
    [LABELS.roll]: key.slice(1),
    [LABELS.role]: role,
    [LABELS.instance]: key,
    [LABELS.token]: token,
    [LABELS.replica]: String(replica),
  };
}

/** What containers of one state directory are found by. */
export function ownedBy({ tokenPrefix }: Owner): readonly string[] {
  return [`${LABELS.state}=${tokenPrefix}`];
}
