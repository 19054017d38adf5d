import { type Schema, Validator } from "./json_schema.ts";

/** An answer, and what was asked. */
export interface Observed {
  method: string;
  /** Without the query. */
  path: string;
  status: number;
  contentType: string;
  body: string;
}

/** Compares answers with an OpenAPI document. */
export class OpenApi {
  readonly validator: Validator;
  readonly #paths: Readonly<Record<string, Record<string, Schema>>>;

  constructor(document: Schema) {
    this.validator = new Validator(document);
    this.#paths = document.paths as Record<string, Record<string, Schema>>;
  }

  /** Every operation, as `GET /path`. */
  get operations(): string[] {
    return Object.entries(this.#paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`)
    ).sort();
  }

  /** Names of the query parameters of an operation. */
  queryOf(method: string, path: string): string[] {
    const parameters = (this.#operation(method, path)?.parameters ?? []) as Schema[];
    return parameters.filter((one) => one.in === "query").map((one) => String(one.name));
  }

  /** The schema of the body that an operation takes; null: it takes none of JSON. */
  bodyOf(method: string, path: string): Schema | null {
    const body = this.#operation(method, path)?.requestBody as Schema | undefined;
    const content = (body?.content ?? {}) as Record<string, Schema>;
    return (content["application/json"]?.schema ?? null) as Schema | null;
  }

  /** What is wrong with an answer; empty: it is as described. */
  problemsOf(observed: Observed): string[] {
    const { method, path, status } = observed;
    const operation = this.#operation(method, path);
    if (!operation) return [`${method} ${path} is not described`];
    const responses = operation.responses as Record<string, Schema>;
    const response = responses[`${status}`];
    if (!response) return [`${method} ${path}: status ${status} is not described`];
    const content = this.#resolved(response).content as Record<string, Schema>;
    return problemsOfContent(this.validator, content, observed);
  }

  /** Paths without names come first: `/a/b` is never `/a/{name}`. */
  #operation(method: string, path: string): Schema | null {
    const templates = Object.keys(this.#paths).sort((a, b) =>
      Number(a.includes("{")) - Number(b.includes("{"))
    );
    const found = templates.find((template) => template === path || matches(template, path));
    return this.#paths[found ?? ""]?.[method.toLowerCase()] ?? null;
  }

  #resolved(schema: Schema): Schema {
    return typeof schema.$ref === "string" ? this.validator.resolve(schema.$ref) : schema;
  }
}

function problemsOfContent(
  validator: Validator,
  content: Record<string, Schema>,
  { contentType, body }: Observed,
): string[] {
  const type = contentType.split(";")[0] ?? "";
  const schema = content[type]?.schema as Schema | undefined;
  if (!schema) return [`content type ${type} is not described`];
  return valuesOf(type, body).flatMap((value) => validator.validate(value, schema));
}

function valuesOf(type: string, body: string): unknown[] {
  if (type.endsWith("json") && !type.endsWith("ndjson")) return [JSON.parse(body)];
  if (!type.endsWith("ndjson")) return [body];
  return body.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

function matches(template: string, path: string): boolean {
  const pattern = template.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^/]+");
  return new RegExp(`^${pattern}$`).test(path);
}
