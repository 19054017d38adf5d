import type { Registry } from "../registry.ts";
import type { RegistryTarget, ReleaseWish } from "../registry_target.ts";
import { GrpcRegistry } from "./grpc_registry.ts";

/** What systems and architectures are called in Go, where that is something else. */
const GO_NAMES: Readonly<Record<string, string>> = { x86_64: "amd64", aarch64: "arm64" };

/** A server that names releases for this machine. */
export function createGrpc(
  { host, isPlain, wish }: {
    readonly host: string;
    readonly isPlain: boolean;
    readonly wish: Pick<ReleaseWish, "artifact">;
  },
  open: (target: RegistryTarget) => Promise<Registry>,
): GrpcRegistry {
  const { os, arch } = Deno.build;
  return new GrpcRegistry({
    server: `${isPlain ? "http" : "https"}://${host}`,
    wish: { os, arch: GO_NAMES[arch] ?? arch, artifactName: wish.artifact },
    open,
  });
}
