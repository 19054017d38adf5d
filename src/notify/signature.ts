const HMAC = { name: "HMAC", hash: "SHA-256" };

/**
 * Signs `payload`: `t=SECONDS,v1=HEX`, the HMAC-SHA256 of `SECONDS.PAYLOAD`.
 *
 * @param seconds Since 1970; lets a receiver refuse what is old.
 */
export async function sign(payload: string, secret: string, seconds: number): Promise<string> {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const key = await crypto.subtle.importKey("raw", bytes(secret), HMAC, false, ["sign"]);
  const mac = await crypto.subtle.sign("HMAC", key, bytes(`${seconds}.${payload}`));
  return `t=${seconds},v1=${new Uint8Array(mac).toHex()}`;
}
