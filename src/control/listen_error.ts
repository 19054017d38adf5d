/** Why listening failed, for people. */
export function denoErrorText(error: unknown): string {
  if (error instanceof Deno.errors.AddrInUse) return "the address is in use";
  if (error instanceof Deno.errors.AddrNotAvailable) return "this host has no such address";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (error instanceof Deno.errors.NotFound) return "there is no such directory";
  return error instanceof Error ? error.message : String(error);
}
