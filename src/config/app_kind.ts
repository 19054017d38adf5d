import { type Kind, quote } from "../values/kinds.ts";

/** The name of an application: it becomes a part of paths and of names of units. */
export const appName: Kind<string> = {
  placeholder: "NAME",
  parse(text) {
    if (/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/.test(text)) return text;
    throw new SyntaxError(
      `${
        quote(text)
      } is not a name, give up to 64 letters, digits, dots and dashes, for example blog`,
    );
  },
};
