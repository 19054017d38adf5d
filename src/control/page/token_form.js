import { byId, setText } from "./dom.js";

/** Asks for the token where the server wants one. */
export class TokenForm {
  #form = byId("token-form", HTMLFormElement);
  #input = byId("token", HTMLInputElement);
  #problem = byId("token-problem", HTMLElement);

  /** @param {(token: string) => void} onToken */
  constructor(onToken) {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const token = this.#input.value.trim();
      this.#input.value = "";
      onToken(token);
    });
  }

  /** @param {boolean} refused */
  show(refused) {
    this.#form.hidden = false;
    setText(this.#problem, refused ? "This token was not accepted. It has been forgotten." : "");
    this.#input.setAttribute("aria-invalid", String(refused));
    this.#input.focus();
  }

  hide() {
    this.#form.hidden = true;
    setText(this.#problem, "");
  }
}
