import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseArtifactName } from "../../../../src/source/choice/artifact_name.ts";
import { ARCHIVE_SUFFIXES, archiveSuffix } from "../../../../src/source/choice/asset_name.ts";
import { matchAsset } from "../../../../src/source/choice/match_asset.ts";
import type { Platform } from "../../../../src/source/choice/platform.ts";
import * as lists from "./asset_lists.ts";
import type { AssetList } from "./asset_lists.ts";

/** `linux/amd64` or `linux/amd64/musl`. */
function toPlatform(text: string): Platform {
  const [os = "", arch = "", libc] = text.split("/");
  return { os, arch, libc: libc === "musl" || libc === "gnu" ? libc : null };
}

/** The name of the file that is found, or null. */
function find(
  platform: string,
  names: readonly string[],
  { tag = "v1.0.0", artifact = null }: { tag?: string; artifact?: string | null } = {},
): string | null {
  const asset = matchAsset(lists.toAssets(names), {
    tag,
    platform: toPlatform(platform),
    artifact: artifact === null ? null : parseArtifactName(artifact),
  });
  return asset?.name ?? null;
}

const EXPECTED: [title: string, list: AssetList, found: Record<string, string | null>][] = [
  ["goreleaser, as it comes", lists.GORELEASER, {
    "linux/amd64": "ferry_1.4.0_linux_amd64.tar.gz",
    "linux/x86_64/musl": "ferry_1.4.0_linux_amd64.tar.gz",
    "linux/arm64": "ferry_1.4.0_linux_arm64.tar.gz",
    "linux/aarch64": "ferry_1.4.0_linux_arm64.tar.gz",
    "linux/386": "ferry_1.4.0_linux_386.tar.gz",
    "linux/armv7": "ferry_1.4.0_linux_armv7.tar.gz",
    "linux/armv6": "ferry_1.4.0_linux_armv6.tar.gz",
    "linux/arm": "ferry_1.4.0_linux_armv6.tar.gz",
    "linux/ppc64le": "ferry_1.4.0_linux_ppc64le.tar.gz",
    "linux/ppc64": null,
    "linux/riscv64": "ferry_1.4.0_linux_riscv64.tar.gz",
    "linux/s390x": "ferry_1.4.0_linux_s390x.tar.gz",
    "darwin/amd64": "ferry_1.4.0_darwin_all.tar.gz",
    "darwin/arm64": "ferry_1.4.0_darwin_all.tar.gz",
    "windows/amd64": "ferry_1.4.0_windows_amd64.zip",
    "freebsd/amd64": null,
  }],
  ["goreleaser, with titles", lists.GORELEASER_TITLES, {
    "linux/amd64": "Ferry_Linux_x86_64.tar.gz",
    "linux/arm64": "Ferry_Linux_arm64.tar.gz",
    "linux/386": "Ferry_Linux_i386.tar.gz",
    "linux/armv7": "Ferry_Linux_armv6.tar.gz",
    "darwin/arm64": "Ferry_Darwin_arm64.tar.gz",
    "macos/x64": "Ferry_Darwin_x86_64.tar.gz",
    "windows/amd64": "Ferry_Windows_x86_64.zip",
    "windows/arm64": null,
  }],
  ["cargo-dist", lists.CARGO_DIST, {
    "linux/amd64": "heron-x86_64-unknown-linux-gnu.tar.xz",
    "linux/amd64/gnu": "heron-x86_64-unknown-linux-gnu.tar.xz",
    "linux/amd64/musl": "heron-x86_64-unknown-linux-musl.tar.xz",
    "linux/arm64": "heron-aarch64-unknown-linux-gnu.tar.xz",
    "linux/arm64/musl": null,
    "darwin/arm64": "heron-aarch64-apple-darwin.tar.xz",
    "darwin/amd64": "heron-x86_64-apple-darwin.tar.xz",
    "windows/amd64": "heron-x86_64-pc-windows-msvc.zip",
    "linux/386": null,
  }],
  ["triples with a version", lists.RUST_TRIPLES, {
    "linux/amd64": "grope-14.1.0-x86_64-unknown-linux-musl.tar.gz",
    "linux/amd64/musl": "grope-14.1.0-x86_64-unknown-linux-musl.tar.gz",
    "linux/arm64": "grope-14.1.0-aarch64-unknown-linux-gnu.tar.gz",
    "linux/386": "grope-14.1.0-i686-unknown-linux-gnu.tar.gz",
    "linux/armv7": "grope-14.1.0-armv7-unknown-linux-gnueabihf.tar.gz",
    "linux/armv7/musl": "grope-14.1.0-armv7-unknown-linux-musleabi.tar.gz",
    "linux/armv6": null,
    "windows/386": "grope-14.1.0-i686-pc-windows-msvc.zip",
    "darwin/arm64": "grope-14.1.0-aarch64-apple-darwin.tar.gz",
  }],
  ["a runtime, zipped", lists.RUNTIME_ZIPS, {
    "linux/amd64": "brio-x86_64-unknown-linux-gnu.zip",
    "linux/arm64": "brio-aarch64-unknown-linux-gnu.zip",
    "linux/amd64/musl": null,
    "darwin/amd64": "brio-x86_64-apple-darwin.zip",
    "windows/amd64": "brio-x86_64-pc-windows-msvc.zip",
  }],
  ["a signed Go program", lists.SIGNED_GO, {
    "linux/amd64": "buggy_2.8.4_linux_amd64.tar.gz",
    "linux/arm64": "buggy_2.8.4_linux_arm64.tar.gz",
    "linux/armv7": "buggy_2.8.4_linux_armv7.tar.gz",
    "linux/armv5": "buggy_2.8.4_linux_armv5.tar.gz",
    "darwin/arm64": "buggy_2.8.4_mac_arm64.tar.gz",
    "freebsd/amd64": "buggy_2.8.4_freebsd_amd64.tar.gz",
    "windows/arm64": null,
  }],
  ["a command line with many packages", lists.FORGE_CLI, {
    "linux/amd64": "fg_2.62.0_linux_amd64.tar.gz",
    "linux/386": "fg_2.62.0_linux_386.tar.gz",
    "darwin/amd64": "fg_2.62.0_macOS_amd64.zip",
    "windows/386": "fg_2.62.0_windows_386.zip",
  }],
  ["executables as they are", lists.BARE, {
    "linux/amd64": "jot-linux-amd64",
    "linux/arm64": "jot-linux-arm64",
    "linux/386": "jot-linux-i386",
    "linux/armv7": "jot-linux-armhf",
    "darwin/arm64": "jot-macos-arm64",
    "windows/amd64": "jot-windows-amd64.exe",
    "linux/riscv64": null,
  }],
  ["systems with their bits", lists.WITH_BITS, {
    "linux/amd64": "lizard-v0.35.0-linux64.tar.gz",
    "linux/386": "lizard-v0.35.0-linux32.tar.gz",
    "linux/arm64": "lizard-v0.35.0-linux-aarch64.tar.gz",
    "darwin/arm64": "lizard-v0.35.0-macos-aarch64.tar.gz",
    "darwin/amd64": null,
    "windows/amd64": "lizard-v0.35.0-win64.zip",
    "windows/386": "lizard-v0.35.0-win32.zip",
    "windows/arm64": "lizard-v0.35.0-win-aarch64.zip",
  }],
  ["node style", lists.NODE_STYLE, {
    "linux/amd64": "bap-linux-x64.zip",
    "linux/amd64/musl": "bap-linux-x64-musl.zip",
    "linux/arm64": "bap-linux-arm64.zip",
    "linux/arm64/musl": "bap-linux-arm64-musl.zip",
    "darwin/x64": "bap-darwin-x64.zip",
    "windows/amd64": "bap-win32-x64.zip",
  }],
  ["levels of amd64", lists.LEVELS, {
    "linux/amd64": "fast-3.0.0-linux-amd64_v1.tar.zst",
    "linux/arm64": "fast-3.0.0-linux-aarch64.tar.zst",
  }],
];

for (const [title, { tag, names }, found] of EXPECTED) {
  Deno.test(`the file for a platform is found in a list of ${title}`, () => {
    for (const [platform, name] of Object.entries(found)) {
      assertEquals(find(platform, names, { tag }), name, platform);
    }
  });
}

Deno.test("exactly ten suffixes make an archive, the longer before the shorter", () => {
  assertEquals(ARCHIVE_SUFFIXES.length, 10);
  for (const suffix of ARCHIVE_SUFFIXES) {
    const name = `app_linux_amd64${suffix}`;
    assertEquals(archiveSuffix(name), suffix);
    assertEquals(archiveSuffix(name.toUpperCase()), suffix);
    assertEquals(find("linux/amd64", [name]), name);
    assertEquals(find("linux/amd64", [name.toUpperCase()]), name.toUpperCase());
  }
  const others = [".gz", ".xz", ".bz2", ".zst", ".7z", ".rar", ".deb", ".rpm", ".apk", ".whl"];
  for (const suffix of others) {
    assertEquals(archiveSuffix(`app_linux_amd64${suffix}`), null, suffix);
    assertEquals(find("linux/amd64", [`app_linux_amd64${suffix}`]), null, suffix);
  }
});

Deno.test("words are not found within words", () => {
  const table: [platform: string, name: string][] = [
    ["linux/arm", "app_linux_arm64.tar.gz"],
    ["linux/arm", "charm_linux_amd64.tar.gz"],
    ["linux/armv7", "app_linux_armv8.tar.gz"],
    ["windows/amd64", "app_darwin_amd64.tar.gz"],
    ["darwin/amd64", "macbeth_linux_amd64.tar.gz"],
    ["linux/386", "app_linux_x86_64.tar.gz"],
    ["linux/386", "app-linux-x86-64.tar.gz"],
    ["linux/386", "app_v1.0.386_linux_amd64.tar.gz"],
    ["linux/amd64", "app_linuxkit_amd64.tar.gz"],
    ["linux/amd64", "app_linux_noamd64.tar.gz"],
    ["linux/amd64", "app_linux_amd64v3.tar.gz"],
    ["linux/arm64", "app_linux_aarch64_be.tar.gz"],
    ["linux/arm64", "app-aarch64-linux-android.tar.gz"],
    ["linux/ppc64", "app_linux_ppc64le.tar.gz"],
    ["linux/mips", "app_linux_mips64le.tar.gz"],
    ["linux/amd64", "app_linux_all.tar.gz"],
  ];
  for (const [platform, name] of table) assertEquals(find(platform, [name]), null, name);
});

Deno.test("the product may be called like a platform: the last word counts", () => {
  const names = [
    "windows-exporter_1.0.0_darwin_amd64.tar.gz",
    "windows-exporter_1.0.0_linux_arm64.tar.gz",
    "windows-exporter_1.0.0_linux_amd64.tar.gz",
    "windows-exporter_1.0.0_windows_amd64.zip",
  ];
  assertEquals(find("linux/amd64", names), names[2]!);
  assertEquals(find("windows/amd64", names), names[3]!);
  const arm = ["arm-tool-linux-amd64.tar.gz", "arm-tool-linux-armv7.tar.gz"];
  assertEquals(find("linux/amd64", arm), arm[0]!);
  assertEquals(find("linux/armv7", arm), arm[1]!);
});

Deno.test("system and architecture may be written in one word", () => {
  const names = [
    "app_linuxarm64.tgz",
    "app-linuxamd64.tgz",
    "AppDarwinArm64.zip",
    "AppLinuxX86_64-musl.zip",
    "myMacX64.zip",
    "app-macos14-arm64.zip",
  ];
  assertEquals(find("linux/amd64", names), "app-linuxamd64.tgz");
  assertEquals(find("linux/amd64/musl", names), "AppLinuxX86_64-musl.zip");
  assertEquals(find("linux/arm64", names), "app_linuxarm64.tgz");
  assertEquals(find("darwin/arm64", names), "AppDarwinArm64.zip");
  assertEquals(find("darwin/amd64", names), "myMacX64.zip");
});

Deno.test("only a Mac has programs for several architectures, and says no other one then", () => {
  const names = ["app_linux_amd64_all.zip", "app_macos_arm64_all.zip", "app_macos_all.zip"];
  assertEquals(find("linux/amd64", names), names[0]!);
  assertEquals(find("linux/arm64", names), null);
  assertEquals(find("darwin/arm64", names), names[1]!);
  assertEquals(find("darwin/amd64", names), names[2]!);
});

Deno.test("the version in a name says nothing about the platform", () => {
  const name = "app-linux-amd64-1.0.0-darwin.3.arm64.tar.gz";
  assertEquals(find("linux/amd64", [name], { tag: "v1.0.0-darwin.3.arm64" }), name);
  assertEquals(find("linux/amd64", [name], { tag: "v2.0.0" }), null);
  assertEquals(
    find("linux/amd64", ["app_linux_x86_64.zip"], { tag: "64" }),
    "app_linux_x86_64.zip",
  );
});

Deno.test("checksums, signatures and lists of contents are never taken, even if nothing else is there", () => {
  const names = [
    "app_linux_amd64.tar.gz.sha256",
    "app_linux_amd64.tar.gz.sha256sum",
    "app_linux_amd64.tar.gz.sha512",
    "app_linux_amd64.tar.gz.md5",
    "app_linux_amd64.tar.gz.asc",
    "app_linux_amd64.tar.gz.sig",
    "app_linux_amd64.tar.gz.minisig",
    "app_linux_amd64.tar.gz.pem",
    "app_linux_amd64.tar.gz.sigstore.json",
    "app_linux_amd64.tar.gz.intoto.jsonl",
    "app_linux_amd64.sha256",
    "app_linux_amd64.sig",
    "app_linux_amd64.sbom",
    "app_linux_amd64.spdx.json",
    "app_linux_amd64_checksums",
    "app_linux_amd64_sha256sums",
    "app_linux_amd64-signature",
    "app_linux_amd64.sbom.tar.gz",
    "app-sbom-x86_64-unknown-linux-gnu.tar.gz",
    "app_sbom_1.0.0_linux_amd64.zip",
    "app_linux_amd64_checksums.zip",
    "checksums_1.0.0_linux_amd64.tar.gz",
    "provenance_linux_amd64.zip",
  ];
  for (const name of names) assertEquals(find("linux/amd64", [name]), null, name);
  assertEquals(find("windows/amd64", ["app-sbom-x86_64-pc-windows-msvc.zip"]), null);
  assertEquals(find("linux/amd64", [...names, "app_linux_amd64.tgz"]), "app_linux_amd64.tgz");
});

Deno.test("a product may be about checksums or signatures", () => {
  for (
    const name of ["sbom-tool_linux_amd64.zip", "checksum-server-linux-x64.tgz", "sign-linux-x64"]
  ) {
    assertEquals(find("linux/amd64", [name]), name);
  }
});

Deno.test("builds for those who look for bugs are taken last", () => {
  const names = [
    "app-linux-amd64-debug.tar.gz",
    "app-linux-amd64-symbols.zip",
    "app-linux-amd64.zip",
  ];
  assertEquals(find("linux/amd64", names), names[2]!);
  assertEquals(find("linux/amd64", names.slice(0, 2)), names[0]!);
});

Deno.test("of files that fit equally well, the first in the listing is taken", () => {
  const names = ["app_linux_amd64.zip", "app_linux_x86_64.tar.gz", "app_linux_amd64.tar.gz"];
  assertEquals(find("linux/amd64", names), names[0]!);
  assertEquals(find("linux/amd64", names.toReversed()), names[2]!);
});

Deno.test("the C library decides between files, and musl runs nothing that needs glibc", () => {
  const [gnu, plain, still, musl] = [
    "app-linux-amd64-gnu.tgz",
    "app-linux-amd64.tgz",
    "app-linux-amd64-static.tgz",
    "app-linux-amd64-musl.tgz",
  ];
  const table: [platform: string, names: string[], found: string | null][] = [
    ["linux/amd64", [musl, still, plain, gnu], gnu],
    ["linux/amd64/gnu", [musl, still, plain], still],
    ["linux/amd64/gnu", [musl, plain, still], plain],
    ["linux/amd64/gnu", [musl], musl],
    ["linux/amd64/musl", [gnu, plain, still, musl], musl],
    ["linux/amd64/musl", [gnu, plain, still], still],
    ["linux/amd64/musl", [gnu, plain], plain],
    ["linux/amd64/musl", [gnu], null],
  ];
  for (const [platform, names, found] of table) {
    assertEquals(find(platform, names), found, platform);
  }
});

Deno.test("an executable is taken only without an archive and without a doubt", () => {
  assertEquals(
    find("linux/amd64", ["app-linux-amd64", "app-linux-amd64.zip"]),
    "app-linux-amd64.zip",
  );
  assertEquals(find("linux/amd64", ["app-linux-amd64", "appctl-linux-amd64"]), null);
  assertEquals(
    find("linux/amd64", ["app-linux-amd64-musl", "app-linux-amd64-gnu"]),
    "app-linux-amd64-gnu",
  );
  assertEquals(find("linux/amd64", ["app-1.0.0-linux-amd64"]), "app-1.0.0-linux-amd64");
  assertEquals(find("linux/amd64", ["app-linux-amd64-1.0.0"]), "app-linux-amd64-1.0.0");
  assertEquals(find("linux/amd64", ["app.linux.amd64"]), "app.linux.amd64");
  for (const extension of ["exe", "txt", "json", "sh", "AppImage", "gz", "7z", "deb"]) {
    assertEquals(find("linux/amd64", [`app-linux-amd64.${extension}`]), null, extension);
  }
});

Deno.test("a name without system or without architecture is never a match", () => {
  for (const name of ["app.tar.gz", "app-linux.tar.gz", "app-amd64.zip", "linux", "amd64", ""]) {
    assertEquals(find("linux/amd64", [name]), null, name);
  }
});

Deno.test("an empty file is one whose bytes are still on the way", () => {
  const [asset] = lists.toAssets(["app_linux_amd64.zip"]);
  const wish = { tag: "v1.0.0", platform: toPlatform("linux/amd64"), artifact: null };
  assertEquals(matchAsset([{ ...asset!, size: 0 }], wish), null);
  assertEquals(matchAsset([{ ...asset!, size: null }], wish)?.name, "app_linux_amd64.zip");
  const artifact = parseArtifactName("app_linux_amd64.zip");
  assertEquals(matchAsset([{ ...asset!, size: 0 }], { ...wish, artifact }), null);
});

Deno.test("artifact= takes the file of exactly this name, whatever it is", () => {
  const names = ["app_linux_amd64.tar.gz", "site.tar.gz", "Site.tar.gz", "notes.txt", "a.b", "axb"];
  const take = (artifact: string) => find("linux/amd64", names, { artifact });
  assertEquals(take("site.tar.gz"), "site.tar.gz");
  assertEquals(take("Site.tar.gz"), "Site.tar.gz");
  assertEquals(take("notes.txt"), "notes.txt");
  assertEquals(take("a.b"), "a.b");
  assertEquals(take("site"), null);
  assertEquals(take("ite.tar.gz"), null);
});

Deno.test("what the alias table spells is found, whatever the product and the separators are", () => {
  const spellings: [platform: string, os: string[], arch: string[]][] = [
    ["linux/amd64", ["linux", "Linux", "LINUX"], [
      "amd64",
      "x86_64",
      "x86-64",
      "x64",
      "64bit",
      "amd64v1",
      "amd64_v1",
    ]],
    ["linux/arm64", ["linux"], ["arm64", "aarch64", "ARM64", "armv8", "arm-64bit"]],
    ["linux/386", ["linux"], ["386", "i386", "i686", "x86", "32bit"]],
    ["linux/armv7", ["linux"], ["armv7", "armv7l", "armhf", "arm", "armv6"]],
    ["darwin/arm64", ["darwin", "macos", "macOS", "osx", "apple-darwin", "macos14"], ["arm64"]],
    ["windows/amd64", ["windows", "win", "Windows"], ["amd64", "x64"]],
  ];
  fc.assert(fc.property(
    fc.constantFrom(...spellings),
    fc.nat(),
    fc.nat(),
    fc.constantFrom("-", "_", "."),
    fc.stringMatching(/^[a-z]{1,8}q$/),
    fc.boolean(),
    ([platform, systems, archs], i, j, separator, product, isReversed) => {
      const [os, arch] = [systems[i % systems.length]!, archs[j % archs.length]!];
      const parts = [product, "1.0.0", ...(isReversed ? [arch, os] : [os, arch])];
      const name = `${parts.join(separator)}.tar.gz`;
      assertEquals(find(platform, ["notes.txt", name]), name);
    },
  ));
});

Deno.test("what the registry has chosen is taken, whatever it is called and asked for", () => {
  const [other, image] = lists.toAssets(["app_linux_amd64.tar.gz", "image"]);
  const assets = [other!, { ...image!, isChosen: true }];
  for (const artifact of [null, parseArtifactName("app_linux_amd64.tar.gz")]) {
    const wish = { tag: "v1.0.0", platform: toPlatform("linux/amd64"), artifact };
    assertEquals(matchAsset(assets, wish)?.name, "image");
  }
});

Deno.test("no name breaks the reader, and what is found is always in the list", () => {
  const piece = fc.constantFrom(
    "linux",
    "amd64",
    "arm",
    "64",
    "x86",
    "-",
    "_",
    ".",
    "gnu",
    "İ",
    "é",
    "tar",
    "gz",
    "sha256",
  );
  const name = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
  fc.assert(fc.property(fc.array(name), fc.string(), (names, tag) => {
    const found = find("linux/amd64", names, { tag });
    assertEquals(found === null || names.includes(found), true);
  }));
});
