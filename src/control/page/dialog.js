import { byId, setText } from "./dom.js";
/** @import { Question } from "./types.ts" */

/**
 * Asks before something is done. The browser's own dialog keeps the keyboard inside, ends with
 * Escape, and gives the focus back.
 *
 * @param {Question} question
 * @returns {Promise<string | null>} The text that was given, empty if none was asked for; null: no.
 */
export async function askFirst({ title, text, ok, field }) {
  const dialog = byId("dialog", HTMLDialogElement);
  const input = byId("dialog-input", HTMLInputElement);
  setText(byId("dialog-title", HTMLElement), title);
  setText(byId("dialog-text", HTMLElement), text);
  setText(byId("dialog-ok", HTMLElement), ok);
  setText(byId("dialog-label", HTMLElement), field ?? "");
  byId("dialog-field", HTMLElement).hidden = field === null;
  input.value = "";
  input.required = field !== null;
  dialog.returnValue = "cancel";
  byId("dialog-cancel", HTMLButtonElement).onclick = () => dialog.close("cancel");
  dialog.showModal();
  // Cancel has the focus, unless something is to be written.
  if (field !== null) input.focus();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  return dialog.returnValue === "ok" ? input.value.trim() : null;
}
