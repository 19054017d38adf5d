import { ActionsView } from "./actions_view.js";
import { Api } from "./api.js";
import { Connection } from "./connection.js";
import { Page } from "./page.js";
import { tick } from "./times.js";
import { TokenForm } from "./token_form.js";

/** How often times are made right. */
const TICK_MS = 1_000;

/** How often figures that nobody tells are asked for, while somebody looks. */
const FIGURES_MS = 5_000;

const api = new Api();
const actions = new ActionsView(api, (reason) => connection.drop(reason));
const tokenForm = new TokenForm((token) => {
  api.unlock(token);
  connection.tryNow();
});
const page = new Page(api, actions, tokenForm);
const connection = new Connection(api, page);

document.getElementById("try-now")?.addEventListener("click", () => connection.tryNow());
addEventListener("online", () => page.isLost && connection.tryNow());
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && page.isLost) connection.tryNow();
});
setInterval(() => {
  tick();
  page.tick();
}, TICK_MS);
setInterval(() => {
  if (!document.hidden) page.refreshFigures();
}, FIGURES_MS);
connection.run();
