import { calVer } from "../source/version/calver.ts";
import { type Kind, line, quote } from "../values/kinds.ts";

/** A part of the fleet, told by the build metadata of versions. */
export const slotName: Kind<string> = {
  placeholder: "NAME",
  parse(text) {
    if (/^[0-9A-Za-z.-]{1,100}$/.test(text)) return text;
    throw new SyntaxError(`${quote(text)} is no build metadata: letters, digits, dots and dashes`);
  },
};

/** A form of dates as versions. */
export const calverFormat: Kind<string> = {
  placeholder: "FORMAT",
  parse(text) {
    calVer(text);
    return text;
  },
};

/** Who has signed, as a certificate says it; `{{tag}}` stands for the tag of the release. */
export const signerIdentity: Kind<string> = {
  placeholder: "TEXT",
  parse(text) {
    const other = line.parse(text).match(/\{\{(?!tag\}\}).*?(?:\}\}|$)/)?.[0];
    if (other === undefined) return text;
    throw new SyntaxError(`${quote(text)} has ${quote(other)} in it, only {{tag}} is known`);
  },
};
