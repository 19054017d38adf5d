const HIDDEN = "[redacted]";
const SECRET_NAME = /TOKEN|SECRET|PASSW|CREDENTIAL|_KEY|APIKEY/i;
const LEAST_LENGTH = 6;

/** What looks like a secret whatever its value. */
const SHAPES: readonly [RegExp, string][] = [
  [/(\w+:\/\/[^\s/:@]*:)[^\s/@]+@/g, `$1${HIDDEN}@`],
  [/\b(Bearer\s+)[\w.~+/=-]{8,}/gi, `$1${HIDDEN}`],
  [/\b(AKIA|ASIA)[A-Z0-9]{16}\b/g, HIDDEN],
];

/** Takes secrets out of a text. */
export type Redactor = (text: string) => string;

/** Hides the values of variables that are named like secrets, and what has the shape of one. */
export function createRedactor(env: Readonly<Record<string, string>>): Redactor {
  const secrets = Object.entries(env)
    .filter(([name, value]) => SECRET_NAME.test(name) && value.length >= LEAST_LENGTH)
    .map(([, value]) => value).sort((a, b) => b.length - a.length);
  return (text) => {
    let result = text;
    for (const secret of secrets) result = result.replaceAll(secret, HIDDEN);
    for (const [shape, hidden] of SHAPES) result = result.replace(shape, hidden);
    return result;
  };
}

/** The same value with secrets taken out of every text inside. */
export function redactDeep<T>(value: T, redact: Redactor): T {
  if (typeof value === "string") return redact(value) as T;
  if (Array.isArray(value)) return value.map((item) => redactDeep(item, redact)) as T;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, redactDeep(item, redact)]);
  return Object.fromEntries(entries) as T;
}
