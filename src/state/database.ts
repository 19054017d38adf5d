import { DatabaseSync } from "node:sqlite";

const FILE = "liveroll.db";
const KEPT_DAMAGED = 3;

/** Nobody else should write to it; waiting for somebody who does would keep the proxy from its work. */
const BUSY_MS = 100;

/** Each entry brings the schema from its index to the next version; never change one, add one. */
const MIGRATIONS = [
  `CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
   CREATE TABLE rolls (roll INTEGER PRIMARY KEY, trigger TEXT NOT NULL, outcome TEXT,
     record TEXT NOT NULL) STRICT;
   CREATE TABLE events (seq INTEGER PRIMARY KEY, roll INTEGER, event TEXT NOT NULL) STRICT;
   CREATE INDEX events_of_roll ON events (roll) WHERE roll IS NOT NULL;`,
  // The status counts them, several times a second, in the thread that serves.
  `CREATE INDEX rolls_by_outcome ON rolls (outcome) WHERE outcome IS NOT NULL;
   CREATE INDEX rolls_by_trigger ON rolls (trigger, roll);`,
];

/** An open database; `setAside` names the file that was damaged and is out of the way now. */
export interface OpenDatabase<T> {
  readonly db: DatabaseSync;
  /** What it says. */
  readonly content: T;
  readonly setAside: { readonly path: string; readonly why: string } | null;
}

/** The database of a state directory. */
export function databasePath(directory: string): string {
  return `${directory}/${FILE}`;
}

/**
 * Opens the database of a state directory, or creates it. One that is damaged, or of a newer
 * liveroll, is set aside, never deleted, and a new one is begun.
 *
 * Write-ahead logging with `synchronous=FULL`: a commit is one fsync, and durable when it returns.
 *
 * @param read Reads what it says; what cannot be read is damaged, too.
 * @throws {Error} When none can be opened or created here: a disk that is full or read-only.
 */
export function openDatabase<T>(
  directory: string,
  now: Date,
  read: (db: DatabaseSync) => T,
): OpenDatabase<T> {
  const path = databasePath(directory);
  try {
    return { ...open(path, read), setAside: null };
  } catch (error) {
    if (!isDamage(error)) throw error;
    const aside = `${path}.damaged-${now.toISOString().replaceAll(":", "")}`;
    for (const suffix of ["", "-wal", "-shm"]) moveIfThere(path + suffix, aside + suffix);
    forgetOldest(directory);
    const why = error instanceof Error ? error.message : String(error);
    return { ...open(path, read), setAside: { path: aside, why } };
  }
}

/**
 * Opens it for reading only, while another process may use it.
 *
 * @throws {Error} When there is none, or it cannot be read.
 */
export function readDatabase(directory: string): DatabaseSync {
  const path = databasePath(directory);
  Deno.statSync(path);
  try {
    const db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS });
    db.prepare("SELECT count(*) FROM facts").get();
    return db;
  } catch {
    // Where nothing can be created the log beside it cannot be joined; what is in the file can be
    // read all the same.
    const url = new URL(`file://${path.split("/").map(encodeURIComponent).join("/")}`);
    url.searchParams.set("immutable", "1");
    return new DatabaseSync(url, { readOnly: true, timeout: BUSY_MS });
  }
}

/**
 * Who takes over from somebody who serves must be able to go on from its state: one that is set aside
 * would be lost.
 *
 * @throws {Error} When the database is of a newer liveroll. One that cannot be read is another matter.
 */
export function assertNotNewer(directory: string): void {
  const version = versionIn(directory);
  if (version <= MIGRATIONS.length) return;
  throw new Error(
    `Cannot go on from ${databasePath(directory)}: it is of a newer liveroll (schema ${version}, ` +
      `this one knows ${MIGRATIONS.length}). Upgrade to that one, or stop the running one first: ` +
      "the database is set aside then",
  );
}

/** 0: there is none, or it cannot be read. */
function versionIn(directory: string): number {
  try {
    const db = readDatabase(directory);
    try {
      return schemaVersion(db);
    } finally {
      db.close();
    }
  } catch {
    return 0;
  }
}

/** The file is what is wrong, not the disk or the permissions. */
class Damage extends Error {
  override readonly name = "Damage";
}

function open<T>(path: string, read: (db: DatabaseSync) => T): { db: DatabaseSync; content: T } {
  if (Deno.statSync(path.slice(0, -FILE.length)).isDirectory && isDirectory(path)) {
    throw new Damage("it is a directory");
  }
  const db = new DatabaseSync(path, { timeout: BUSY_MS });
  try {
    tryToProtect(path);
    db.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON");
    const { quick_check: health } = db.prepare("PRAGMA quick_check(1)").get() as {
      quick_check: string;
    };
    if (health !== "ok") throw new Damage(health);
    migrate(db);
    return { db, content: readAll(db, read) };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** A page that holds together may still say nonsense. */
function readAll<T>(db: DatabaseSync, read: (db: DatabaseSync) => T): T {
  try {
    return read(db);
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    throw new Damage(error.message, { cause: error });
  }
}

function migrate(db: DatabaseSync): void {
  const version = schemaVersion(db);
  if (version > MIGRATIONS.length) throw new Damage(`it is of a newer liveroll (${version})`);
  for (let next = version; next < MIGRATIONS.length; next++) {
    db.exec(`BEGIN IMMEDIATE; ${MIGRATIONS[next]} PRAGMA user_version=${next + 1}; COMMIT`);
  }
}

function schemaVersion(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA user_version").get()?.user_version);
}

/** What SQLite says of a file that is none, or not whole (SQLITE_CORRUPT, SQLITE_NOTADB, no table). */
function isDamage(error: unknown): boolean {
  if (error instanceof Damage) return true;
  const message = error instanceof Error ? error.message : String(error);
  return /malformed|not a database|no such (table|column)|already exists|unsupported file format/i
    .test(message);
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

function tryToProtect(path: string): void {
  try {
    Deno.chmodSync(path, 0o600);
  } catch {
    // Its directory is closed to others.
  }
}

function moveIfThere(from: string, to: string): void {
  try {
    Deno.renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Keeps the newest ones; their names are in the order of time. */
function forgetOldest(directory: string): void {
  const damaged = [...Deno.readDirSync(directory)].map(({ name }) => name)
    .filter((name) => /\.damaged-\w+(-\w+)*\.?\w*$/.test(name) && !/-(wal|shm)$/.test(name)).sort();
  for (const name of damaged.slice(0, -KEPT_DAMAGED)) {
    for (const suffix of ["", "-wal", "-shm"]) {
      try {
        Deno.removeSync(`${directory}/${name}${suffix}`, { recursive: true });
      } catch {
        // It was not there, or has to stay.
      }
    }
  }
}
