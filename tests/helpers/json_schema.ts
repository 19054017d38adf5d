/** A JSON Schema, as far as it is understood here. */
export type Schema = { readonly [keyword: string]: unknown };

type Check = (value: unknown, expected: unknown, at: string, schema: Schema) => string[];

/** Says nothing about a value. */
const silent: Check = () => [];

/**
 * Finds what is wrong with values, by the part of JSON Schema 2020-12 that OpenAPI files of ours
 * use. A keyword that is not known here is an error, so that nothing passes unseen.
 */
export class Validator {
  readonly #document: Schema;
  readonly #checks: Readonly<Record<string, Check>> = {
    description: silent,
    default: silent,
    $ref: (value, ref, at) => this.validate(value, this.resolve(String(ref)), at),
    type: (value, types, at) => {
      const names = typeof types === "string" ? [types] : types as string[];
      return names.some((name) => isOf(name, value)) ? [] : [`${at} is not ${names.join(" or ")}`];
    },
    const: (value, expected, at) => value === expected ? [] : [`${at} is not ${expected}`],
    enum: (value, options, at) =>
      // Null is a value of its own type.
      value === null || (options as unknown[]).includes(value)
        ? []
        : [`${at} is ${JSON.stringify(value)}, none of ${options}`],
    properties: (value, properties, at) =>
      Object.entries(properties as Record<string, Schema>).flatMap(([name, schema]) =>
        isObject(value) && Object.hasOwn(value, name)
          ? this.validate(value[name], schema, `${at}.${name}`)
          : []
      ),
    required: (value, names, at) =>
      (names as string[]).filter((name) => isObject(value) && !Object.hasOwn(value, name))
        .map((name) => `${at}.${name} is missing`),
    additionalProperties: (value, allowed, at, { properties }) =>
      allowed !== false || !isObject(value) ? [] : Object.keys(value)
        .filter((name) => !Object.hasOwn(properties as object, name))
        .map((name) => `${at}.${name} is unknown`),
    items: (value, schema, at) =>
      Array.isArray(value)
        ? value.flatMap((item, i) => this.validate(item, schema as Schema, `${at}[${i}]`))
        : [],
    oneOf: (value, schemas, at) => {
      const results = (schemas as Schema[]).map((schema) => this.validate(value, schema, at));
      const fitting = results.filter((problems) => problems.length === 0).length;
      if (fitting === 1) return [];
      const best = results.sort((a, b) => a.length - b.length)[0] ?? [];
      return [`${at} fits ${fitting} of ${results.length}: ${best.join(", ")}`];
    },
    format: (value, name, at) => {
      if (name !== "date-time") return [`${at}: unknown format ${name}`];
      return typeof value !== "string" || isDateTime(value) ? [] : [`${at} is no date-time`];
    },
    minimum: (value, min, at) =>
      typeof value !== "number" || value >= Number(min) ? [] : [`${at} is below ${min}`],
    exclusiveMinimum: (value, min, at) =>
      typeof value !== "number" || value > Number(min) ? [] : [`${at} is not above ${min}`],
    maximum: (value, max, at) =>
      typeof value !== "number" || value <= Number(max) ? [] : [`${at} is above ${max}`],
    minLength: (value, min, at) =>
      typeof value !== "string" || value.length >= Number(min) ? [] : [`${at} is too short`],
    maxLength: (value, max, at) =>
      typeof value !== "string" || value.length <= Number(max) ? [] : [`${at} is too long`],
  };

  /** `document` is where references point into. */
  constructor(document: Schema) {
    this.#document = document;
  }

  /** What is wrong with `value`; empty: nothing. */
  validate(value: unknown, schema: Schema, at = "$"): string[] {
    return Object.entries(schema).flatMap(([keyword, expected]) => {
      const check = this.#checks[keyword];
      if (!check) throw new Error(`Unknown keyword ${keyword} at ${at}`);
      return check(value, expected, at, schema);
    });
  }

  /** What `#/a/b` means. */
  resolve(ref: string): Schema {
    let node: unknown = this.#document;
    for (const name of ref.replace(/^#\//, "").split("/")) {
      node = isObject(node) ? node[name] : undefined;
    }
    if (!isObject(node)) throw new Error(`Nothing is at ${ref}`);
    return node;
  }
}

function isOf(type: string, value: unknown): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return isObject(value);
    case "integer":
      return Number.isSafeInteger(value);
    case "number":
      return Number.isFinite(value);
    case "string":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    default:
      throw new Error(`Unknown type ${type}`);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** RFC 3339, in UTC. */
function isDateTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text) && !Number.isNaN(Date.parse(text));
}
