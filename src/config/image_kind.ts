import { type ImageReference, parseImageName } from "../image/image_reference.ts";
import { type Kind, quote } from "../values/kinds.ts";

/** An image: what is watched and run. */
export const image: Kind<ImageReference> = {
  placeholder: "IMAGE",
  parse(text) {
    const name = parseImageName(text);
    if (name.kind === "reference") return name.reference;
    const fix = "give a name, for example app:dev with --pull-policy never";
    throw new SyntaxError(`${quote(text)} is the id of one image and never gets newer, ${fix}`);
  },
};
