/** Who asks for images. */
export type Login =
  | { readonly kind: "password"; readonly user: string; readonly password: string }
  /** Good for getting other tokens only. */
  | { readonly kind: "identity"; readonly token: string };

/** The value of `Authorization` for a user with a password. */
export function basic(user: string, password: string): string {
  return `Basic ${new TextEncoder().encode(`${user}:${password}`).toBase64()}`;
}
