// Writing messages and slash commands, with completion of commands, people and channels.

import { perform, put, toast } from "./api.js";
import { Suggestions } from "./menus.js";

let words = { "/": [], "@": [], "#": [] };
const lists = new WeakMap();
const LONGEST = 8;

export function know(found) {
  words = found;
}

function listOf(field) {
  if (!lists.has(field)) {
    const list = document.getElementById(field.getAttribute("aria-controls"));
    lists.set(field, new Suggestions(field, list, (choice) => complete(field, choice.word)));
  }
  return lists.get(field);
}

// The word before the caret that may be completed: a command at the start, a name or a channel anywhere.
function begun(field) {
  const before = field.value.slice(0, field.selectionStart);
  return before.match(/^\/[\w-]*$/)?.[0] ?? before.match(/(?:^|\s)([@#][\w.-]*)$/)?.[1] ?? "";
}

function suggest(field) {
  const word = begun(field);
  const lower = word.toLowerCase();
  const fits = word ? words[word[0]].filter((one) => matches(one, lower)) : [];
  const done = fits.some((one) => one.word.toLowerCase() === lower);
  if (!fits.length || done) return listOf(field).hide();
  const choices = fits.slice(0, LONGEST).map((one) => ({
    word: one.word,
    label: one.hint ? `${one.word} ${one.hint}` : one.word,
    about: one.about,
  }));
  listOf(field).show(choices, { above: true });
}

function matches(one, lower) {
  return one.word.toLowerCase().startsWith(lower) || (lower[0] === "@" && one.about?.toLowerCase().startsWith(lower.slice(1)));
}

function complete(field, word) {
  const caret = field.selectionStart;
  const start = caret - begun(field).length;
  field.setRangeText(`${word} `, start, caret, "end");
}

document.addEventListener("input", (event) => {
  if (event.target.matches?.("[data-compose]")) suggest(event.target);
});

document.addEventListener("focusout", (event) => {
  if (event.target.matches?.("[data-compose]")) listOf(event.target).hide();
});

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (!field.matches?.("[data-compose]") || event.isComposing) return;
  if (listOf(field).key(event)) return;
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    field.form.requestSubmit();
  }
});

// Files that go with the next message: they are named beside it, and choosing none puts them away again.
document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-attach]")) nameFiles(event.target.form);
});

function nameFiles(form) {
  const names = [...form.querySelector("[data-attach]").files].map((file) => file.name);
  form.querySelector(".attached").textContent = names.join(", ");
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest(".composer");
  if (!form) return;
  event.preventDefault();
  const field = form.querySelector("textarea");
  const chosen = form.querySelector("[data-attach]");
  const text = field.value.trim();
  if (!text && !chosen.files.length) return;
  let files;
  try {
    files = await put(chosen.files);
  } catch (problem) {
    return toast(`The file was not taken: ${problem.message}`);
  }
  field.value = "";
  listOf(field).hide();
  const { channel, thread } = form.dataset;
  const outcome = await perform("post", { channel, thread, text, files });
  // What could not be sent comes back, unless something new is there already.
  if (!outcome.ok && !field.value) field.value = text;
  if (outcome.ok) chosen.value = "";
  nameFiles(form);
  field.focus();
});
