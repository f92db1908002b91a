// Talks to the server of this page, and says out loud what went wrong.

export const me = document.body.dataset.as;

export async function send(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ as: me, ...body }),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return response.json();
}

// Files from the person's computer, to the workspace. Resolves to their ids; rejects when one is not taken.
export function put(files) {
  return Promise.all([...files].map(async (file) => {
    const address = `/page/upload?as=${encodeURIComponent(me)}&name=${encodeURIComponent(file.name)}`;
    const response = await fetch(address, { method: "POST", body: file });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()).id;
  }));
}

// One deed of the person. Resolves to its outcome; an error is shown as a toast.
export async function perform(deed, body) {
  let outcome;
  try {
    outcome = await send(`/page/do/${deed}`, body);
  } catch (problem) {
    outcome = { ok: false, error: `The workspace did not take that: ${problem.message}`, errors: {} };
  }
  if (outcome.error) toast(outcome.error, outcome.detail);
  return outcome;
}

// A toast stays until it is put away. Inside an open modal everything else is silent, so it has a place of its own there.
export function toast(words, detail) {
  const modal = document.getElementById("modal");
  const place = modal.open ? document.getElementById("modal-toasts") : document.getElementById("toasts");
  const box = document.createElement("div");
  box.className = "toast";
  const text = document.createElement("p");
  text.textContent = words;
  box.append(text);
  if (detail) {
    const more = document.createElement("p");
    more.className = "hint";
    more.textContent = detail;
    box.append(more);
  }
  const away = document.createElement("button");
  away.type = "button";
  away.className = "button slim";
  away.textContent = "Hide";
  away.addEventListener("click", () => {
    box.remove();
    if (!place.childElementCount && place.matches(":popover-open")) place.hidePopover();
  });
  box.append(away);
  place.append(box);
  while (place.childElementCount > 3) place.firstElementChild.remove();
  if (place.popover && !place.matches(":popover-open")) place.showPopover();
}

// Quietly tell a screen reader.
export function say(words) {
  document.getElementById("said").textContent = words;
}
