// Keeps the page as the workspace is: goes from place to place, hears of changes, swaps the parts that changed.

import { me, perform, say, toast } from "./api.js";
import { know } from "./composer.js";
import { close, settle, showErrors } from "./dialogs.js";
import "./elements.js";
import "./menus.js";
import { morph } from "./morph.js";

const body = document.body;
const here = { at: body.dataset.at, thread: body.dataset.thread };
const narrow = window.matchMedia("(max-width: 760px)");
let running = null;
let again = false;
let moves = 0;
let told = null;

// -- what is shown --

// Resolves when the page shows what was true at the time of the call.
export function refresh() {
  again = true;
  running ??= catchUp();
  return running;
}

async function catchUp() {
  try {
    while (again) {
      again = false;
      await fetchParts();
    }
  } catch (problem) {
    console.error(problem);
    say(`The workspace does not answer: ${problem.message}`);
    if (again) setTimeout(refresh, 1000);
  } finally {
    running = null;
  }
}

async function fetchParts() {
  const asked = { ...here };
  const seen = document.visibilityState === "visible" ? "1" : "";
  const response = await fetch(`/page/parts?${new URLSearchParams({ as: me, ...asked, seen })}`);
  if (!response.ok) throw new Error(await response.text());
  const answer = await response.json();
  if (asked.at !== here.at || asked.thread !== here.thread) {
    again = true;
    return;
  }
  if (answer.at !== here.at) {
    here.at = answer.at;
    history.replaceState({ ...here }, "", addressOf(here));
  }
  document.title = answer.title;
  know(answer.words);
  keepingPlace(() => Object.entries(answer.parts).forEach(([id, html]) => swap(id, html)));
  settle();
  showErrors();
}

function swap(id, html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  morph(document.getElementById(id), template.content.firstElementChild);
}

// Whoever reads the end of a conversation goes on reading its end; whoever loses the focused element keeps its surroundings;
// an answer that only this person sees comes into view, because they have just asked for it.
function keepingPlace(change) {
  const ends = new Map(follows().map((log) => [log.id, log.scrollHeight - log.scrollTop - log.clientHeight < 40]));
  const heard = new Set(whispers().map((one) => one.id));
  const around = [];
  for (let one = document.activeElement; one && one !== body; one = one.parentElement) if (one.id) around.push(one.id);
  change();
  follows().filter((log) => ends.get(log.id) ?? true).forEach((log) => (log.scrollTop = log.scrollHeight));
  const fresh = whispers().filter((one) => !heard.has(one.id) && ends.has(one.closest("[data-follow]").id));
  fresh.forEach((one) => one.scrollIntoView({ block: "nearest" }));
  if (document.activeElement !== body) return;
  const left = around.map((id) => document.getElementById(id)).find(Boolean);
  if (!left) return;
  if (!left.matches("a, button, input, select, textarea, [tabindex]")) left.tabIndex = -1;
  left.focus({ preventScroll: true });
}

const follows = () => [...document.querySelectorAll("[data-follow]")];
const whispers = () => [...document.querySelectorAll("[data-follow] .message.private")];

// -- where one is --

function addressOf({ at, thread }) {
  const query = new URLSearchParams(thread ? { at, thread } : { at });
  return `${body.dataset.address}?${query}`;
}

async function go(place, remember = true) {
  const from = { ...here };
  const move = ++moves;
  Object.assign(here, place);
  if (remember) history.pushState({ ...here }, "", addressOf(here));
  showSidebar(false);
  await refresh();
  if (move !== moves) return; // somebody in a hurry is already on the way to the next place
  tellHome();
  arrive(from);
}

function arrive(from) {
  const pane = here.thread && here.thread !== from.thread ? "composer-thread" : "composer-main";
  const field = document.querySelector(`#${pane} textarea`);
  if (field && !narrow.matches) field.focus();
  else document.getElementById(here.thread ? "thread" : "conversation").focus();
}

// The app hears when its Home is looked at.
function tellHome() {
  if (told === here.at) return;
  told = here.at;
  const tab = document.querySelector(".tabs [aria-current]")?.textContent;
  if (tab === "Home" || tab === "Messages") perform("home", { tab: tab.toLowerCase() });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-nav]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const query = new URL(link.href).searchParams;
  event.preventDefault();
  go({ at: query.get("at"), thread: query.get("thread") ?? "" });
});

window.addEventListener("popstate", (event) => {
  if (event.state) go(event.state, false);
});

// -- what one does outside of blocks --

const deeds = {
  clock: async (button) => {
    const outcome = await perform("clock", { move: button.dataset.move });
    await refresh();
    if (outcome.ok) say(`It is now ${document.querySelector("#top time").textContent}`);
  },
  shortcut: (item) => perform("shortcut", { callback: item.dataset.callback }),
  "message-shortcut": (item) => {
    const { channel, ts } = item.closest(".message").dataset;
    return perform("message-shortcut", { channel, ts, callback: item.dataset.callback });
  },
  join: (button) => perform("join", { channel: button.dataset.channel }),
  dismiss: (button) => perform("dismiss", { ephemeral: button.closest(".message").dataset.ephemeral }),
  close: () => close(),
  "close-all": () => close(true),
};

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-do]");
  if (button) deeds[button.dataset.do](button);
  if (event.target.closest?.("#sidebar-button")) showSidebar(!body.classList.contains("sidebar-open"));
});

function showSidebar(open) {
  const was = body.classList.toggle("sidebar-open", open);
  document.getElementById("sidebar-button").setAttribute("aria-expanded", String(was));
  if (open) document.querySelector("#sidebar a[data-nav]").focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && body.classList.contains("sidebar-open")) {
    showSidebar(false);
    document.getElementById("sidebar-button").focus();
  }
});

// -- hearing of changes --

let lost = 0;

function listen() {
  const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/live`);
  socket.addEventListener("open", () => {
    if (lost) say("Connected again");
    lost = 0;
  });
  socket.addEventListener("message", refresh);
  socket.addEventListener("close", () => {
    lost += 1;
    if (lost === 3) toast("The connection to the workspace is lost. This page keeps trying.");
    setTimeout(listen, Math.min(500 * lost, 5000));
  });
}

document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refresh());
setInterval(refresh, 30_000); // the clock on the wall, and "5 minutes ago"
history.replaceState({ ...here }, "", addressOf(here));
follows().forEach((log) => (log.scrollTop = log.scrollHeight));
settle();
listen();
tellHome();
