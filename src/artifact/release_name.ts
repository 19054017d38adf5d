/** `20261121T074500Z`, and from the second of the same second on `20261121T074500Z-2`. */
const NAME = /^(\d{8}T\d{6}Z)(?:-(\d+))?$/;

/** What a release is called that was made at `time`; `number` counts within the second, from 1. */
export function releaseName(time: Date, number = 1): string {
  const stamp = time.toISOString().replace(/\.\d+Z$/, "Z").replaceAll(/[-:]/g, "");
  return number === 1 ? stamp : `${stamp}-${number}`;
}

/** Whether it is the name of a release. */
export function isReleaseName(name: string): boolean {
  return NAME.test(name);
}

/** Older releases first. */
export function compareReleaseNames(left: string, right: string): number {
  const [, leftStamp = left, leftNumber = "1"] = NAME.exec(left) ?? [];
  const [, rightStamp = right, rightNumber = "1"] = NAME.exec(right) ?? [];
  if (leftStamp !== rightStamp) return leftStamp < rightStamp ? -1 : 1;
  return Number(leftNumber) - Number(rightNumber);
}
