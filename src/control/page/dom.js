/** @typedef {Node | string | null} Child What can stand in an element. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * The element of the page with this id.
 *
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function byId(id, type) {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`Cannot find ${type.name} ${id} in the page`);
  return found;
}

/**
 * Makes an element. Strings become text, never markup; null is left out.
 *
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Readonly<Record<string, string | null>>} attributes
 * @param {readonly Child[]} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/**
 * As {@linkcode el}, for the inside of a drawing.
 *
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {Readonly<Record<string, string | null>>} attributes
 * @param {readonly Child[]} children
 * @returns {SVGElementTagNameMap[T]}
 */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/**
 * A word that comes from outside (a version, a path): its direction of writing is its own.
 *
 * @param {string} text
 */
export function idNode(text) {
  return el("bdi", { class: "name", title: text }, printable(text));
}

/**
 * A line that comes from outside, as it is.
 *
 * @param {string} text
 */
export function lineText(text) {
  return el("bdi", { class: "line" }, printable(text));
}

/**
 * For the ears only.
 *
 * @param {string} text
 */
export function unseen(text) {
  return el("span", { class: "unseen" }, text);
}

/**
 * A sign for the eyes only.
 *
 * @param {string} sign
 */
export function signOf(sign) {
  return el("span", { class: "sign", "aria-hidden": "true" }, sign);
}

/**
 * Facts with their names.
 *
 * @param {readonly (readonly [string, Child | readonly Child[]])[]} facts
 */
export function factList(facts) {
  const rows = facts.map(([term, value]) => {
    const children = Array.isArray(value) ? value : [value];
    return el("div", {}, el("dt", {}, term), el("dd", {}, ...children));
  });
  return el("dl", { class: "facts" }, ...rows);
}

/** @type {WeakMap<Element, string>} */
const shown = new WeakMap();

/**
 * Replaces what `container` holds, only if `data` is not what it was: a selection in it, or the
 * place of the keyboard, survives all other changes.
 *
 * @param {Element} container
 * @param {unknown} data Must hold everything that `build` uses.
 * @param {() => readonly Child[]} build
 */
export function show(container, data, build) {
  const key = JSON.stringify(data);
  if (shown.get(container) === key) return;
  shown.set(container, key);
  container.replaceChildren(...build().filter((child) => child !== null));
}

/**
 * Sets text only if it is another one, so that nothing is announced twice.
 *
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Without colours of a terminal; other control characters as visible signs.
 *
 * @param {string} text
 */
export function printable(text) {
  return text
    // deno-lint-ignore no-control-regex
    .replace(/\x1b\[[0-?]*[ -/]*[@-~]/g, "")
    // deno-lint-ignore no-control-regex
    .replace(/[\x00-\x08\x0a-\x1f]/g, (char) => String.fromCharCode(0x2400 + char.charCodeAt(0)))
    .replace(/[\x7f-\x9f]/g, "\ufffd");
}

/**
 * @template {Element} T
 * @param {T} element
 * @param {Readonly<Record<string, string | null>>} attributes
 * @param {readonly Child[]} children
 */
function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}
