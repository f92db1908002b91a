// Buttons, menus, choices and fields of Block Kit: tells the app when the person uses one.

import { perform, put, say, send, toast } from "./api.js";
import { confirmed } from "./dialogs.js";
import { Suggestions } from "./menus.js";
import { stateOf, whereOf } from "./values.js";

const uploads = new Set();

async function act(element, more = {}, undo = () => {}) {
  if (element.dataset.confirm && !(await confirmed(JSON.parse(element.dataset.confirm)))) return undo();
  if (element.classList.contains("busy")) return;
  const { container, where } = whereOf(element);
  element.classList.add("busy");
  element.setAttribute("aria-busy", "true");
  const { blockId, actionId } = element.dataset;
  await perform("act", { where, block_id: blockId, action_id: actionId, state: stateOf(container), ...more });
  element.classList.remove("busy");
  element.removeAttribute("aria-busy");
}

document.addEventListener("click", (event) => {
  const pressed = event.target.closest?.("[data-press]");
  const element = pressed?.closest(".element");
  if (element) act(element, "option" in pressed.dataset ? { option: pressed.dataset.option } : {});
  const token = event.target.closest?.(".token");
  if (token) removeToken(token);
});

document.addEventListener("change", (event) => {
  const element = event.target.closest?.(".element");
  if (!element) return;
  if (event.target.type === "file") upload(event.target);
  const typed = event.target.matches("textarea, [role=combobox], [data-typing]");
  if (!typed && "speaks" in element.dataset) act(element, {}, undoing(event.target));
});

// Who says no to the question goes back to the choice that was there before.
let before = null;

document.addEventListener("focusin", (event) => {
  if (event.target.nodeName === "SELECT") before = event.target.value;
});

function undoing(control) {
  const was = before;
  if (control.nodeName === "SELECT") {
    before = control.value;
    return () => (control.value = was ?? "");
  }
  return () => control.type === "checkbox" && (control.checked = !control.checked);
}

const waiting = new WeakMap();

document.addEventListener("input", (event) => {
  const field = event.target;
  if (field.matches?.(".combo [role=combobox]")) return search(field);
  const element = field.closest?.(".element");
  if (!element || !("speaks" in element.dataset) || !field.dataset.typing?.includes("on_character_entered")) return;
  clearTimeout(waiting.get(field));
  waiting.set(field, setTimeout(() => act(element), 300));
});

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (field.matches?.(".combo [role=combobox]")) return comboKey(event, field);
  const element = field.closest?.(".element");
  if (event.key !== "Enter" || event.isComposing || !element || field.nodeName !== "INPUT") return;
  if ("speaks" in element.dataset && field.dataset.typing?.includes("on_enter_pressed")) {
    event.preventDefault();
    act(element);
  }
});

// -- options that the app gives as one types --

const combos = new WeakMap();

function combo(field) {
  if (!combos.has(field)) {
    const list = document.getElementById(field.getAttribute("aria-controls"));
    combos.set(field, new Suggestions(field, list, (choice) => take(field, choice.option)));
  }
  return combos.get(field);
}

const latest = new WeakMap();

function search(field) {
  delete field.dataset.option;
  clearTimeout(waiting.get(field));
  if (field.value.length < Number(field.dataset.minQuery)) return combo(field).hide();
  waiting.set(field, setTimeout(() => ask(field), 150));
}

async function ask(field) {
  const element = field.closest(".element");
  const query = field.value;
  latest.set(field, query);
  const { where } = whereOf(element);
  const { blockId, actionId } = element.dataset;
  let options;
  try {
    ({ options } = await send("/page/options", { where, block_id: blockId, action_id: actionId, query }));
  } catch (problem) {
    return toast(`The app gave no options: ${problem.message}`);
  }
  // An answer to what was typed before, or to a field already left, is of no use.
  if (latest.get(field) !== query || document.activeElement !== field) return;
  const choices = options.map((option) => ({ label: wordsOf(option.text), about: wordsOf(option.description), option }));
  combo(field).show(choices, { empty: "Nothing found" });
  say(choices.length === 1 ? "1 option" : `${choices.length} options`);
}

const wordsOf = (text) => text?.text?.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&") ?? "";

function take(field, option) {
  const element = field.closest(".element");
  const kept = element.querySelector(".kept");
  if (kept) {
    const values = [...kept.children].map((token) => JSON.parse(token.dataset.option).value);
    if (!values.includes(option.value)) kept.append(tokenFor(option));
    field.value = "";
  } else {
    field.value = wordsOf(option.text);
    field.dataset.option = JSON.stringify(option);
  }
  if ("speaks" in element.dataset) act(element);
}

function tokenFor(option) {
  const token = document.createElement("button");
  token.type = "button";
  token.className = "token";
  token.dataset.option = JSON.stringify(option);
  token.textContent = wordsOf(option.text);
  token.setAttribute("aria-label", `Remove ${wordsOf(option.text)}`);
  return token;
}

function removeToken(token) {
  const element = token.closest(".element");
  token.remove();
  element.querySelector("[role=combobox]").focus();
  if ("speaks" in element.dataset) act(element);
}

function comboKey(event, field) {
  if (combo(field).key(event)) return;
  if (event.key === "Enter") event.preventDefault();
  if (event.key === "ArrowDown" && field.value.length >= Number(field.dataset.minQuery)) ask(field);
  const last = field.closest(".element").querySelector(".token:last-child");
  if (event.key === "Backspace" && !field.value && last) removeToken(last);
}

document.addEventListener("focusin", (event) => {
  const field = event.target;
  if (field.matches?.(".combo [role=combobox]") && field.dataset.minQuery === "0" && !field.value) ask(field);
});

// Typed words that were not picked mean nothing to the app: they go when the field is left.
document.addEventListener("focusout", (event) => {
  const field = event.target;
  if (!field.matches?.(".combo [role=combobox]")) return;
  combo(field).hide();
  if (!field.dataset.option) field.value = "";
});

// -- files --

function upload(field) {
  const all = put(field.files)
    .then((ids) => {
      field.dataset.files = JSON.stringify(ids);
      say("Uploaded");
    })
    .catch((problem) => toast(`The file was not taken: ${problem.message}`))
    .finally(() => uploads.delete(all));
  uploads.add(all);
}

export const uploaded = () => Promise.all([...uploads]);
