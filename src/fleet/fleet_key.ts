/**
 * Where in a store everything of a fleet is. Consul refuses some keys that have two dots in a row or a
 * percent sign in them, which ones depends on its version: there are no such keys.
 *
 * @param app Name of the application.
 */
export function fleetKey(app: string): string {
  const isPlain = /^[A-Za-z0-9][\w-]*(?:\.[\w-]+)*$/.test(app);
  // No name begins with an underscore: what does is nobody else's.
  return `fleet/${isPlain ? app : `_${app.replace(/[^A-Za-z0-9-]/g, toHex)}`}`;
}

function toHex(char: string): string {
  return `_${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}
