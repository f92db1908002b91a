// Makes one element like another without disturbing the person: what has the same id stays the same element, and keeps its
// focus, its typed text, its choices, its scroll position and its open menu.

// The person's, not the server's: never taken over for an element that stays.
const theirs = new Set(["style", "open"]);

export function morph(from, to) {
  if (from.nodeType !== to.nodeType || from.nodeName !== to.nodeName || from.id !== to.id) {
    from.replaceWith(to);
    return to;
  }
  if (from.nodeType !== Node.ELEMENT_NODE) {
    if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
    return from;
  }
  const chosen = from.nodeName === "SELECT" ? from.value : null;
  attributes(from, to);
  if (!from.hasAttribute("data-own") && !from.isEqualNode(to)) children(from, to);
  if (chosen !== null && from.value !== chosen && [...from.options].some((one) => one.value === chosen)) from.value = chosen;
  return from;
}

function attributes(from, to) {
  const kept = new Set((to.dataset.keep || "").split(" "));
  const skip = (name) => theirs.has(name) || kept.has(name) || isState(from, name);
  for (const { name } of [...from.attributes]) if (!to.hasAttribute(name) && !skip(name)) from.removeAttribute(name);
  for (const { name, value } of to.attributes) {
    if (!skip(name) && from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
}

// Typed text and ticks: once an element is there they belong to the person.
function isState(element, name) {
  if (element.nodeName === "OPTION") return name === "selected";
  if (element.nodeName !== "INPUT") return false;
  return name === "checked" || (name === "value" && !["checkbox", "radio"].includes(element.type));
}

function children(from, to) {
  if (from.nodeName === "TEXTAREA") return;
  const wanted = new Set([...to.children].map((child) => child.id).filter(Boolean));
  for (const child of [...from.children]) if (child.id && !wanted.has(child.id)) child.remove();
  const byId = new Map([...from.children].filter((child) => child.id).map((child) => [child.id, child]));
  let at = from.firstChild;
  for (const next of [...to.childNodes]) {
    const known = next.id ? byId.get(next.id) : null;
    if (known) {
      if (known !== at) from.insertBefore(known, at);
      at = morph(known, next).nextSibling;
    } else if (at && !at.id && !next.id && at.nodeName === next.nodeName) {
      at = morph(at, next).nextSibling;
    } else {
      from.insertBefore(next, at);
    }
  }
  while (at) {
    const rest = at.nextSibling;
    at.remove();
    at = rest;
  }
}
