import { requireEnvKey } from "../compose/dotenv/quote.ts";
import { requireServices } from "../compose/program/service_name.ts";
import type { Kind } from "../values/kinds.ts";

/** A service of a compose file. */
export const serviceName = checked("NAME", (text) => requireServices([text]));

/** A variable of an environment file. */
export const envKey = checked("KEY", requireEnvKey);

/** A text that `check` has nothing against. */
function checked(placeholder: string, check: (text: string) => void): Kind<string> {
  return {
    placeholder,
    parse(text) {
      try {
        check(text);
        return text;
      } catch (error) {
        throw new SyntaxError((error as Error).message, { cause: error });
      }
    },
  };
}
