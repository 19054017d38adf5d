import type { Kind } from "../values/kinds.ts";
import type { Option } from "./option.ts";
import { ADDRESSES } from "./table/addresses.ts";
import { CLIENTS } from "./table/clients.ts";
import { COMPOSE } from "./table/compose.ts";
import { CONTAINERS } from "./table/containers.ts";
import { CONTROL } from "./table/control.ts";
import { DATA } from "./table/data.ts";
import { HEALTH } from "./table/health.ts";
import { HOOKS } from "./table/hooks.ts";
import { LOGS } from "./table/logs.ts";
import { RELEASES } from "./table/releases.ts";
import { REQUESTS } from "./table/requests.ts";
import { WORK } from "./table/work.ts";

/**
 * The one table of options: parsing, types, help, docs/options.md and the names of environment
 * variables and config keys come from here, errors are reported in its order.
 */
export const OPTIONS = {
  ...WORK,
  ...RELEASES,
  ...CONTAINERS,
  ...COMPOSE,
  ...DATA,
  ...HOOKS,
  ...ADDRESSES,
  ...HEALTH,
  ...REQUESTS,
  ...CLIENTS,
  ...CONTROL,
  ...LOGS,
} as const satisfies Record<string, Option>;

/** A flag without dashes. */
export type Flag = keyof typeof OPTIONS;

type ValueOf<O> = O extends { kind: Kind<infer T> }
  ? (O extends { default: string } | { required: true } ? T : T | null)
  : never;

/** The value of every option, typed by its row. */
export type Values = { readonly [F in Flag]: ValueOf<(typeof OPTIONS)[F]> };

/** Every flag, in the order of the table. */
export const FLAGS: readonly Flag[] = Object.keys(OPTIONS) as Flag[];

/** The row of `flag`. */
export function optionOf(flag: Flag): Option {
  return OPTIONS[flag];
}

/** Tells whether `name` is a flag, exactly as the table spells it. */
export function isFlag(name: string): name is Flag {
  return Object.hasOwn(OPTIONS, name);
}
