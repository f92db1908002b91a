// Menus and lists that open over the page: where they stand, and how the keyboard walks through them.

export function place(popup, anchor, above = false) {
  const box = anchor.getBoundingClientRect();
  const size = popup.getBoundingClientRect();
  const left = Math.max(8, Math.min(box.left, window.innerWidth - size.width - 8));
  const below = box.bottom + 4;
  const over = Math.max(8, box.top - size.height - 4);
  const roomBelow = below + size.height < window.innerHeight - 8;
  popup.style.left = `${left}px`;
  popup.style.top = `${above || !roomBelow ? over : below}px`;
}

const items = (menu) => [...menu.querySelectorAll("[role=menuitem]")];

function openerOf(menu) {
  return document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`);
}

document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!(menu instanceof HTMLElement) || menu.getAttribute("role") !== "menu") return;
  const opener = openerOf(menu);
  const open = event.newState === "open";
  opener?.setAttribute("aria-expanded", String(open));
  if (open && opener) {
    place(menu, opener);
    items(menu)[0]?.focus();
  }
}, true);

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("[role=menu]");
  if (!menu) return;
  const all = items(menu);
  const at = all.indexOf(document.activeElement);
  const step = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (step !== undefined) {
    event.preventDefault();
    all.at(step % all.length)?.focus();
  } else if (event.key === "Tab") {
    menu.hidePopover();
  } else if (event.key.length === 1 && event.key !== " ") {
    const letter = event.key.toLowerCase();
    const order = [...all.slice(at + 1), ...all.slice(0, at + 1)];
    order.find((item) => item.textContent.trim().toLowerCase().startsWith(letter))?.focus();
  }
});

// Whoever picks from a menu closes it.
document.addEventListener("click", (event) => {
  const menu = event.target.closest?.("[role=menuitem]")?.closest("[popover]");
  if (menu?.matches(":popover-open")) menu.hidePopover();
}, true);

// A list that belongs to a text field: arrows move through it, Enter takes, Escape closes. `take` gets the picked item.
export class Suggestions {
  constructor(field, list, take) {
    Object.assign(this, { field, list, take, active: -1 });
  }

  get open() {
    return this.list.matches(":popover-open");
  }

  show(choices, { preselect = true, above = false, empty = "" } = {}) {
    this.choices = choices;
    this.list.replaceChildren(...choices.map((choice, at) => this.row(choice, at)));
    if (!choices.length && empty) this.list.append(note(empty));
    if (!this.list.childElementCount) return this.hide();
    if (!this.open) this.list.showPopover();
    this.list.style.minWidth = `${Math.min(this.field.offsetWidth, 420)}px`;
    place(this.list, this.field, above);
    this.field.setAttribute("aria-expanded", "true");
    this.mark(preselect && choices.length ? 0 : -1);
  }

  row(choice, at) {
    const row = document.createElement("div");
    row.id = `${this.list.id}-${at}`;
    row.setAttribute("role", "option");
    row.append(choice.label);
    if (choice.about) row.append(hint(choice.about));
    row.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.pick(at);
    });
    return row;
  }

  mark(at) {
    this.active = at;
    [...this.list.querySelectorAll("[role=option]")].forEach((row, index) => {
      row.setAttribute("aria-selected", String(index === at));
      if (index === at) row.scrollIntoView({ block: "nearest" });
    });
    if (at < 0) this.field.removeAttribute("aria-activedescendant");
    else this.field.setAttribute("aria-activedescendant", `${this.list.id}-${at}`);
  }

  pick(at) {
    const choice = this.choices[at];
    this.hide();
    this.take(choice);
  }

  hide() {
    if (this.open) this.list.hidePopover();
    this.list.replaceChildren();
    this.choices = [];
    this.active = -1;
    if (this.field.getAttribute("role") === "combobox") this.field.setAttribute("aria-expanded", "false");
    else this.field.removeAttribute("aria-expanded");
    this.field.removeAttribute("aria-activedescendant");
  }

  // Whether the key was for the list.
  key(event) {
    if (!this.open) return false;
    const count = this.choices.length;
    if (event.key === "Escape") this.hide();
    else if (event.key === "ArrowDown" && count) this.mark((this.active + 1) % count);
    else if (event.key === "ArrowUp" && count) this.mark((this.active - 1 + count) % count);
    else if ((event.key === "Enter" || event.key === "Tab") && this.active >= 0) this.pick(this.active);
    else return false;
    event.preventDefault();
    event.stopImmediatePropagation();
    return true;
  }
}

function hint(words) {
  const span = document.createElement("span");
  span.className = "hint";
  span.textContent = words;
  return span;
}

function note(words) {
  const row = hint(words);
  row.classList.add("note");
  row.setAttribute("role", "status");
  return row;
}
