// The app's modals (a stack of which the topmost is seen) and the question before a delicate click.

import { perform } from "./api.js";
import { uploaded } from "./elements.js";
import { stateOf } from "./values.js";

const modal = () => document.getElementById("modal");
const views = () => [...modal().querySelectorAll(".view")];
const top = () => views().at(-1);
const fields = ".block :is(input, select, textarea)";
let seen = "";

// After every refresh: open or close the dialog, and take the focus to a view that is new on top.
export function settle() {
  const dialog = modal();
  const view = top();
  if (!view) {
    seen = "";
    if (dialog.open) dialog.close();
    document.getElementById("modal-toasts").replaceChildren();
    return;
  }
  if (!dialog.open) dialog.showModal();
  // A view that was "Loading…" and now has fields is a new one for whoever wants to type.
  const now = `${view.id} ${Boolean(view.querySelector(fields))}`;
  if (now !== seen) focusFirst(view);
  seen = now;
}

function focusFirst(view) {
  const target = ["[data-autofocus]", fields, ".buttons button"].map((wanted) => view.querySelector(wanted)).find(Boolean);
  target?.focus();
}

document.addEventListener("submit", async (event) => {
  const view = event.target.closest(".view");
  if (!view) return;
  event.preventDefault();
  const button = view.querySelector("[type=submit]");
  if (!button || button.classList.contains("busy")) return;
  button.classList.add("busy");
  await uploaded();
  const outcome = await perform("submit", { view: view.dataset.view, state: stateOf(view) });
  button.classList.remove("busy");
  if (Object.keys(outcome.errors ?? {}).length) awaitedErrors = view.id;
});

let awaitedErrors = "";

// Once the errors stand under their fields, the first of them gets the focus.
export function showErrors() {
  const view = awaitedErrors ? document.getElementById(awaitedErrors) : null;
  const error = view?.querySelector(".block .error");
  if (!error) return;
  awaitedErrors = "";
  error.closest(".block").querySelector("input, select, textarea, button")?.focus();
}

export function close(all = false) {
  const view = top();
  return view ? perform("close", { view: view.dataset.view, all }) : null;
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || !modal().open || document.getElementById("confirm").open) return;
  if (document.querySelector("[popover]:not(.toasts):popover-open")) return;
  event.preventDefault();
  close();
});

// Browsers may close a dialog on their own after two Escapes: the app has to hear of it too.
document.addEventListener("close", (event) => {
  if (event.target === modal() && top()) close();
}, true);

// Resolves to whether the person said yes.
export function confirmed(question) {
  const dialog = document.getElementById("confirm");
  document.getElementById("confirm-title").textContent = question.title;
  document.getElementById("confirm-text").innerHTML = question.html;
  const yes = document.getElementById("confirm-yes");
  const no = document.getElementById("confirm-no");
  yes.textContent = question.confirm;
  yes.className = `button ${question.danger ? "danger" : "primary"}`;
  no.textContent = question.deny;
  dialog.returnValue = "";
  dialog.showModal();
  (question.danger ? no : yes).focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
