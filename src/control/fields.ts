import type { Field } from "./body.ts";

/** A text of at most `max` characters, and not an empty one. */
export function text(max: number): Field<string> {
  return {
    expects: `a text of 1 to ${max} characters`,
    accepts: (value): value is string =>
      typeof value === "string" && value.length >= 1 && value.length <= max,
  };
}

/** The id of a version. */
export const versionId: Field<string> = text(1024);

/** True or false; false when it is missing. */
export const flag: Field<boolean> = {
  expects: "true or false",
  absent: false,
  accepts: (value): value is boolean => typeof value === "boolean",
};

/** `field`, or null. */
export function orNull<T>(field: Field<T>): Field<T | null> {
  return {
    expects: `${field.expects}, or null`,
    accepts: (value): value is T | null => value === null || field.accepts(value),
  };
}

/** `field`, or null, which it also is when it is missing. */
export function optional<T>(field: Field<T>): Field<T | null> {
  return { ...orNull(field), absent: null };
}
