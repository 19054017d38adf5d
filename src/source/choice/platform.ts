/** The C library that programs of a machine are linked to. */
export type Libc = "gnu" | "musl";

/** What a release has to run on. */
export interface Platform {
  /** By any of its names: `linux`, `darwin`, `macos` and so on. */
  readonly os: string;
  /** By any of its names: `amd64`, `x86_64`, `arm64`, `aarch64`, `armv7` and so on. */
  readonly arch: string;
  /** Left out: `gnu`. Counts on Linux only. */
  readonly libc?: Libc | null;
}

/** What a word in the name of a file can speak of. */
export type Dimension = "os" | "arch" | "libc" | "vendor";

/** Spellings of operating systems; the first is the one that Go uses. */
const SYSTEMS = [
  ["linux"],
  ["darwin", "macos", "macosx", "osx", "mac", "apple"],
  ["windows", "win"],
  ["freebsd"],
  ["openbsd"],
  ["netbsd"],
  ["dragonfly", "dragonflybsd"],
  ["solaris", "sunos"],
  ["illumos"],
  ["android"],
  ["ios"],
  ["aix"],
  ["plan9"],
  ["wasi", "wasip1"],
];

/** Spellings of architectures; the first is the one that Go uses, or would use. */
const ARCHITECTURES = [
  ["amd64", "x86_64", "x86-64", "x64", "64bit", "64-bit", "amd64v1", "x86_64v1"],
  [
    "arm64",
    "aarch64",
    "arm64v8",
    "armv8",
    "arm_64",
    "arm-64",
    "arm64bit",
    "arm-64bit",
    "arm_64bit",
  ],
  ["386", "i386", "i486", "i586", "i686", "x86", "ia32", "32bit", "32-bit"],
  ["armv7", "armv7l", "armv7a", "armv7hf", "arm32v7", "arm-v7", "arm_v7", "arm7"],
  ["armv6", "armv6l", "armv6hf", "arm32v6", "arm-v6", "arm_v6", "arm6"],
  ["armv5", "armv5l", "armv5te", "arm32v5", "arm-v5", "arm_v5", "arm5", "armel"],
  ["armhf", "armhfp"],
  ["arm", "arm32"],
  ["riscv64", "riscv64gc"],
  ["ppc64le", "powerpc64le"],
  ["ppc64", "powerpc64"],
  ["ppc", "powerpc"],
  ["s390x"],
  ["loong64", "loongarch64"],
  ["mips64le", "mips64el"],
  ["mips64"],
  ["mipsle", "mipsel"],
  ["mips"],
  ["sparc64", "sparcv9"],
  ["aarch64_be", "aarch64-be", "arm64_be"],
  ["wasm", "wasm32"],
  ["universal", "universal2", "all"],
];

/** Levels of amd64 that not every such machine has: what is built for one may not run. */
const LEVELS = [2, 3, 4].map((level) =>
  ["amd64", "x86_64", "x86-64"].flatMap((arch) =>
    ["", "_", "-"].map((separator) => `${arch}${separator}v${level}`)
  )
);

const LIBRARIES = [
  ["gnu", "glibc", "gnueabihf", "gnueabi", "gnuabi64", "gnux32"],
  ["musl", "musleabihf", "musleabi", "alpine"],
  ["static"],
];

const VENDORS = [["unknown", "pc", "none", "msvc", "v1"]];

const SPELLINGS: Readonly<Record<Dimension, readonly (readonly string[])[]>> = {
  os: SYSTEMS,
  arch: [...ARCHITECTURES, ...LEVELS],
  libc: LIBRARIES,
  vendor: VENDORS,
};

/** What else an architecture runs; best first. */
const RUNS: ReadonlyMap<string, readonly string[]> = new Map([
  ["arm", ["armv6", "arm", "armhf", "armv7"]],
  ["armv7", ["armv7", "armhf", "arm", "armv6"]],
  ["armv6", ["armv6", "arm", "armhf"]],
]);

const MEANINGS: ReadonlyMap<string, readonly [Dimension, string]> = new Map(
  (["os", "arch", "libc", "vendor"] as const).flatMap((dimension) =>
    SPELLINGS[dimension].flatMap(([name = "", ...others]) =>
      [name, ...others].map((spelling) => [spelling, [dimension, name]] as const)
    )
  ),
);

/** All spellings, the longest first: `x86_64` has to be seen before `x86`. */
export const PLATFORM_WORDS: readonly string[] = [...MEANINGS.keys()]
  .sort((a, b) => b.length - a.length);

/** What `word`, in lower case, says about a platform; null: nothing. */
export function meaningOf(word: string): readonly [Dimension, string] | null {
  return MEANINGS.get(word) ?? null;
}

/** The name that Go uses for `name`; names that nobody knows stay as they are. */
export function canonical(dimension: Dimension, name: string): string {
  const meaning = meaningOf(name.toLowerCase());
  return meaning?.[0] === dimension ? meaning[1] : name.toLowerCase();
}

/** Every spelling of `name`, the one that Go uses first. */
export function spellingsOf(dimension: Dimension, name: string): readonly string[] {
  const known = canonical(dimension, name);
  return SPELLINGS[dimension].find(([first]) => first === known) ?? [known];
}

/** Architectures whose programs run on `platform`, best first. */
export function runnableOn({ os, arch }: Platform): readonly string[] {
  const known = canonical("arch", arch);
  const runs = RUNS.get(known) ?? [known];
  return canonical("os", os) === "darwin" ? [...runs, "universal"] : runs;
}
