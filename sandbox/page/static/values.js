// Reads what the person typed and chose on a surface: a message, a modal or a home tab.

const pickers = new Set(["button", "overflow", "image", "workflow_button", "feedback_buttons", "icon_button"]);

export function whereOf(element) {
  const container = element.closest("[data-where]");
  const { where, channel, ts, ephemeral, view } = container.dataset;
  return { container, where: { where, channel, ts, ephemeral, view } };
}

export function stateOf(container) {
  return [...container.querySelectorAll(".element")]
    .filter((element) => !pickers.has(element.dataset.type))
    .map((element) => ({
      block_id: element.dataset.blockId,
      action_id: element.dataset.actionId,
      type: element.dataset.type,
      value: valueOf(element),
    }));
}

function valueOf(element) {
  const type = element.dataset.type;
  if (type === "multi_external_select") return [...element.querySelectorAll(".token")].map(optionOf);
  if (type === "external_select") return optionOf(element.querySelector("input"));
  if (type === "checkboxes" || type.startsWith("multi_")) {
    return [...element.querySelectorAll("input:checked")].map((box) => box.value);
  }
  if (type === "radio_buttons") return element.querySelector("input:checked")?.value ?? null;
  const control = element.querySelector("select, input, textarea");
  if (type === "file_input") return JSON.parse(control.dataset.files || "[]");
  return control.value === "" ? null : control.value;
}

function optionOf(holder) {
  return holder.dataset.option ? JSON.parse(holder.dataset.option) : null;
}
