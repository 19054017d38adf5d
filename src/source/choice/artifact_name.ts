import { type Platform, runnableOn, spellingsOf } from "./platform.ts";

/** What the name of an artifact depends on. */
export interface ArtifactContext {
  readonly tag: string;
  readonly platform: Platform;
}

/** Patterns for the name of an artifact; one that comes earlier is better. */
export type ArtifactName = (context: ArtifactContext) => readonly RegExp[];

const TEMPLATES = ["tag", "version", "os", "arch"] as const;

/** A piece of a name: as it stands, or a template. */
type Piece = { literal: string } | { template: typeof TEMPLATES[number] };

const PIECE = /\{\{(.*?)\}\}|<<(.*?)>>|(?:(?!\{\{|<<)[^])+|[^]/g;

/**
 * Reads the name of an artifact. Without a template it is the exact name of a file. In it,
 * `{{tag}}` is the tag, `{{version}}` the tag without its `v`, `{{os}}` any name of the operating
 * system and `{{arch}}` any name of an architecture whose programs run there, both in capitals or
 * not. `<<TAG>>` and so on, as in commands, are the same; braces need no quotes in a shell.
 *
 * @throws {SyntaxError} When `text` is empty or has a template that does not exist.
 */
export function parseArtifactName(text: string): ArtifactName {
  const pieces = [...text.matchAll(PIECE)].map(([piece, braces, brackets]) =>
    readPiece(piece, braces ?? brackets, text)
  );
  if (pieces.length === 0) throw new SyntaxError("an artifact needs a name, it is empty");
  const isPerArch = pieces.some((piece) => "template" in piece && piece.template === "arch");
  return ({ tag, platform }) => {
    const archs = isPerArch ? runnableOn(platform) : [platform.arch];
    return archs.map((arch) => toPattern(pieces, { tag, platform: { ...platform, arch } }));
  };
}

function readPiece(piece: string, inside: string | undefined, text: string): Piece {
  if (inside === undefined && piece !== "{" && piece !== "<") return { literal: piece };
  const name = (inside ?? "").trim().toLowerCase();
  const template = TEMPLATES.find((template) => template === name);
  if (template !== undefined) return { template };
  throw new SyntaxError(
    `${JSON.stringify(text)} is not the name of an artifact: it may have ` +
      `${TEMPLATES.map((template) => `{{${template}}}`).join(", ")}, and no other {{ or <<`,
  );
}

function toPattern(pieces: readonly Piece[], context: ArtifactContext): RegExp {
  const patterns = pieces.map((piece) =>
    "literal" in piece ? RegExp.escape(piece.literal) : expand(piece.template, context)
  );
  return new RegExp(`^${patterns.join("")}$`);
}

function expand(template: typeof TEMPLATES[number], { tag, platform }: ArtifactContext): string {
  if (template === "tag") return RegExp.escape(tag);
  if (template === "version") return RegExp.escape(tag.replace(/^v/, ""));
  const spellings = spellingsOf(template, platform[template]);
  return `(?i:${spellings.map((spelling) => RegExp.escape(spelling)).join("|")})`;
}
