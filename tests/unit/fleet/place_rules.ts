/** What the places where hosts take turns accept as a key, as their documents or their code say it. */
export const KEY_RULES: Readonly<Record<string, (key: string) => boolean>> = {
  /** "Creating object key names": safe characters, 1,024 bytes; some servers refuse steps. */
  s3: (key) => /^[\w!\-.*'()/]{1,1024}$/.test(key) && !hasStep(key),
  /** "Object name requirements" of Cloud Storage. */
  gs: (key) =>
    key.length <= 1024 && !/[\r\n#[\]*?:"<>|]/.test(key) && !hasStep(key) &&
    !key.startsWith(".well-known/acme-challenge/"),
  /** `validateKVKey` of 1.22. */
  consul: (key) => !key.startsWith("/") && !hasStep(key) && !isHidden(key),
  /** The same of 1.21.5, and of the versions that were mended with it. */
  "consul 1.21.5": (key) => /^[a-zA-Z0-9,_./\-?&=]+$/.test(key) && !key.includes(".."),
  redis: (key) => key.length > 0,
  /** Names of up to 255 bytes; ours begin with a tilde. */
  file: (key) => !hasStep(key) && key.split("/").every((part) => /^[^~\0][^\0]{0,254}$/.test(part)),
};

function hasStep(key: string): boolean {
  return key.split("/").some((part) => part === "" || part === "." || part === "..");
}

/** What leads upwards or would be a blank if it was decoded once more. */
function isHidden(key: string): boolean {
  try {
    const decoded = decodeURIComponent(key);
    return decoded !== key && /\.\.| /.test(decoded);
  } catch {
    return false;
  }
}
