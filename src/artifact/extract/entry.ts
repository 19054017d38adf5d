/** Bytes as they come. */
export type Bytes = AsyncIterable<Uint8Array>;

/** What an archive says that it holds at one name; nothing of it has been checked. */
export interface ArchiveEntry {
  /** As it stands in the archive. */
  readonly name: string;
  readonly content: EntryContent;
  /** Permission bits and more; null where the archive does not say. */
  readonly mode: number | null;
}

/** What is at the name. */
export type EntryContent =
  /** Its bytes must be read before the next entry is asked for; what is left is skipped. */
  | { readonly kind: "file"; readonly size: number; readonly body: Bytes }
  | { readonly kind: "directory" }
  | { readonly kind: "symlink"; readonly target: string }
  /** `target` is the name of another entry. */
  | { readonly kind: "hardlink"; readonly target: string }
  /** Something that no release needs; `what` completes "is …". */
  | { readonly kind: "other"; readonly what: string };
