/** A change of a class that can be taken back. */
export type Patch = Disposable;

/**
 * Puts something else in the place of a method or getter, until disposed.
 *
 * @param change Gets the original, and gives what takes its place.
 */
export function patched<T extends object, K extends keyof T>(
  prototype: T,
  name: K,
  change: (original: Member<T, K>) => Member<T, K>,
): Patch {
  const original = Object.getOwnPropertyDescriptor(prototype, name);
  if (original === undefined) throw new TypeError(`Cannot patch ${String(name)}: there is none`);
  const member = (original.get ?? original.value) as Member<T, K>;
  const changed = change(member);
  Object.defineProperty(
    prototype,
    name,
    original.get ? { ...original, get: changed as () => unknown } : { ...original, value: changed },
  );
  return { [Symbol.dispose]: () => void Object.defineProperty(prototype, name, original) };
}

/** A method as it is, a getter as the function that it is made of. */
type Member<T, K extends keyof T> = T[K] extends (...args: infer A) => infer R
  ? (this: T, ...args: A) => R
  : (this: T) => T[K];
