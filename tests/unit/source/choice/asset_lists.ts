import type { Asset } from "../../../../src/source/registry.ts";

/** Assets with these names, in this order. */
export function toAssets(names: readonly string[]): Asset[] {
  return names.map((name, i) => ({ name, size: 1000, ref: String(i), sha256: null }));
}

/** A list of files as tools and projects name them; the products are made up. */
export interface AssetList {
  tag: string;
  names: readonly string[];
}

export const GORELEASER: AssetList = {
  tag: "v1.4.0",
  names: [
    "ferry_1.4.0_checksums.txt",
    "ferry_1.4.0_checksums.txt.sig",
    "ferry_1.4.0_darwin_all.tar.gz",
    "ferry_1.4.0_linux_386.tar.gz",
    "ferry_1.4.0_linux_amd64.deb",
    "ferry_1.4.0_linux_amd64.rpm",
    "ferry_1.4.0_linux_amd64.sbom.json",
    "ferry_1.4.0_linux_amd64.tar.gz",
    "ferry_1.4.0_linux_amd64.tar.gz.sbom.json",
    "ferry_1.4.0_linux_arm64.tar.gz",
    "ferry_1.4.0_linux_armv6.tar.gz",
    "ferry_1.4.0_linux_armv7.tar.gz",
    "ferry_1.4.0_linux_ppc64le.tar.gz",
    "ferry_1.4.0_linux_riscv64.tar.gz",
    "ferry_1.4.0_linux_s390x.tar.gz",
    "ferry_1.4.0_windows_amd64.zip",
    "ferry_1.4.0_windows_arm64.zip",
  ],
};

export const GORELEASER_TITLES: AssetList = {
  tag: "v0.9.2",
  names: [
    "Ferry_Darwin_arm64.tar.gz",
    "Ferry_Darwin_x86_64.tar.gz",
    "Ferry_Linux_arm64.tar.gz",
    "Ferry_Linux_armv6.tar.gz",
    "Ferry_Linux_i386.tar.gz",
    "Ferry_Linux_x86_64.tar.gz",
    "Ferry_Linux_x86_64.tar.gz.sha256",
    "Ferry_Windows_x86_64.zip",
    "checksums.txt",
  ],
};

export const CARGO_DIST: AssetList = {
  tag: "v0.3.1",
  names: [
    "dist-manifest.json",
    "heron-aarch64-apple-darwin.tar.xz",
    "heron-aarch64-apple-darwin.tar.xz.sha256",
    "heron-aarch64-unknown-linux-gnu.tar.xz",
    "heron-aarch64-unknown-linux-gnu.tar.xz.sha256",
    "heron-installer.sh",
    "heron-x86_64-apple-darwin.tar.xz",
    "heron-x86_64-apple-darwin.tar.xz.sha256",
    "heron-x86_64-pc-windows-msvc.zip",
    "heron-x86_64-pc-windows-msvc.zip.sha256",
    "heron-x86_64-unknown-linux-gnu.tar.xz",
    "heron-x86_64-unknown-linux-gnu.tar.xz.sha256",
    "heron-x86_64-unknown-linux-musl.tar.xz",
    "heron-x86_64-unknown-linux-musl.tar.xz.sha256",
    "sha256.sum",
    "source.tar.gz",
    "source.tar.gz.sha256",
  ],
};

/** Rust in the style of a search tool: version first, musl for amd64 and gnu for the rest. */
export const RUST_TRIPLES: AssetList = {
  tag: "14.1.0",
  names: [
    "grope-14.1.0-aarch64-apple-darwin.tar.gz",
    "grope-14.1.0-aarch64-unknown-linux-gnu.tar.gz",
    "grope-14.1.0-aarch64-unknown-linux-gnu.tar.gz.sha256",
    "grope-14.1.0-armv7-unknown-linux-gnueabihf.tar.gz",
    "grope-14.1.0-armv7-unknown-linux-musleabi.tar.gz",
    "grope-14.1.0-i686-pc-windows-msvc.zip",
    "grope-14.1.0-i686-unknown-linux-gnu.tar.gz",
    "grope-14.1.0-s390x-unknown-linux-gnu.tar.gz",
    "grope-14.1.0-x86_64-apple-darwin.tar.gz",
    "grope-14.1.0-x86_64-pc-windows-gnu.zip",
    "grope-14.1.0-x86_64-pc-windows-msvc.zip",
    "grope-14.1.0-x86_64-unknown-linux-musl.tar.gz",
    "grope-14.1.0-x86_64-unknown-linux-musl.tar.gz.sha256",
    "grope_14.1.0-1_amd64.deb",
    "grope_14.1.0-1_amd64.deb.sha256",
  ],
};

/** A runtime and its smaller sibling, zipped, without version. */
export const RUNTIME_ZIPS: AssetList = {
  tag: "v2.9.6",
  names: [
    "brio-aarch64-apple-darwin.zip",
    "brio-aarch64-apple-darwin.zip.sha256sum",
    "brio-aarch64-unknown-linux-gnu.zip",
    "brio-aarch64-unknown-linux-gnu.zip.sha256sum",
    "brio-x86_64-apple-darwin.zip",
    "brio-x86_64-pc-windows-msvc.zip",
    "brio-x86_64-unknown-linux-gnu.zip",
    "brio-x86_64-unknown-linux-gnu.zip.sha256sum",
    "briort-aarch64-unknown-linux-gnu.zip",
    "briort-x86_64-unknown-linux-gnu.zip",
    "lib.brio.d.ts",
    "brio_src.tar.gz",
  ],
};

/** A web server: build artifacts and signatures beside everything. */
export const SIGNED_GO: AssetList = {
  tag: "v2.8.4",
  names: [
    "buggy_2.8.4_buildable-artifact.tar.gz",
    "buggy_2.8.4_buildable-artifact.tar.gz.sig",
    "buggy_2.8.4_checksums.txt",
    "buggy_2.8.4_freebsd_amd64.tar.gz",
    "buggy_2.8.4_linux_amd64.deb",
    "buggy_2.8.4_linux_amd64.pem",
    "buggy_2.8.4_linux_amd64.sbom",
    "buggy_2.8.4_linux_amd64.sbom.sig",
    "buggy_2.8.4_linux_amd64.tar.gz",
    "buggy_2.8.4_linux_amd64.tar.gz.sig",
    "buggy_2.8.4_linux_arm64.tar.gz",
    "buggy_2.8.4_linux_armv5.tar.gz",
    "buggy_2.8.4_linux_armv6.tar.gz",
    "buggy_2.8.4_linux_armv7.tar.gz",
    "buggy_2.8.4_mac_amd64.tar.gz",
    "buggy_2.8.4_mac_arm64.tar.gz",
    "buggy_2.8.4_src.tar.gz",
    "buggy_2.8.4_windows_amd64.zip",
  ],
};

/** A command line for a forge: macOS spelled with capitals, packages of all kinds. */
export const FORGE_CLI: AssetList = {
  tag: "v2.62.0",
  names: [
    "fg_2.62.0_checksums.txt",
    "fg_2.62.0_linux_386.tar.gz",
    "fg_2.62.0_linux_amd64.deb",
    "fg_2.62.0_linux_amd64.rpm",
    "fg_2.62.0_linux_amd64.tar.gz",
    "fg_2.62.0_linux_arm64.tar.gz",
    "fg_2.62.0_linux_armv6.tar.gz",
    "fg_2.62.0_macOS_amd64.zip",
    "fg_2.62.0_macOS_arm64.zip",
    "fg_2.62.0_macOS_universal.pkg",
    "fg_2.62.0_windows_386.zip",
    "fg_2.62.0_windows_amd64.msi",
    "fg_2.62.0_windows_amd64.zip",
  ],
};

/** Executables as they are. */
export const BARE: AssetList = {
  tag: "jot-1.7.1",
  names: [
    "jot-1.7.1.tar.gz",
    "jot-1.7.1.zip",
    "jot-linux-amd64",
    "jot-linux-amd64.asc",
    "jot-linux-amd64.sha256",
    "jot-linux-arm64",
    "jot-linux-armhf",
    "jot-linux-i386",
    "jot-macos-amd64",
    "jot-macos-arm64",
    "jot-windows-amd64.exe",
    "sha256sum.txt",
  ],
};

/** Systems with their bits, as the driver of a browser has them. */
export const WITH_BITS: AssetList = {
  tag: "v0.35.0",
  names: [
    "lizard-v0.35.0-linux-aarch64.tar.gz",
    "lizard-v0.35.0-linux-aarch64.tar.gz.asc",
    "lizard-v0.35.0-linux32.tar.gz",
    "lizard-v0.35.0-linux64.tar.gz",
    "lizard-v0.35.0-linux64.tar.gz.asc",
    "lizard-v0.35.0-macos-aarch64.tar.gz",
    "lizard-v0.35.0-macos.tar.gz",
    "lizard-v0.35.0-win-aarch64.zip",
    "lizard-v0.35.0-win32.zip",
    "lizard-v0.35.0-win64.zip",
  ],
};

/** Node style, with builds for older machines and for those who look for bugs. */
export const NODE_STYLE: AssetList = {
  tag: "bap-v1.1.34",
  names: [
    "bap-darwin-arm64.zip",
    "bap-darwin-x64.zip",
    "bap-linux-arm64-musl.zip",
    "bap-linux-arm64.zip",
    "bap-linux-x64-musl-profile.zip",
    "bap-linux-x64-musl.zip",
    "bap-linux-x64-profile.zip",
    "bap-linux-x64.zip",
    "bap-win32-x64.zip",
    "SHASUMS256.txt",
  ],
};

/** Levels of amd64 beside the plain one. */
export const LEVELS: AssetList = {
  tag: "v3.0.0",
  names: [
    "fast-3.0.0-linux-amd64v3.tar.zst",
    "fast-3.0.0-linux-x86_64_v2.tar.zst",
    "fast-3.0.0-linux-x86-64-v4.tar.zst",
    "fast-3.0.0-linux-amd64_v1.tar.zst",
    "fast-3.0.0-linux-aarch64_be.tar.zst",
    "fast-3.0.0-linux-aarch64.tar.zst",
  ],
};
