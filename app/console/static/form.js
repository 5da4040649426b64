// Forms whose faults stand at their fields: a control knows which place of the request's body it fills (a JSON pointer).
import { element } from "./dom.js";
import { Problem } from "./server.js";
import { explain } from "./toast.js";
import { word } from "./words.js";

let made = 0;

// A control with its name, a hint where there is one, and room for what is wrong with it.
export function field(name, pointer, control, hint) {
  const id = `field-${++made}`;
  const marks = [hint ? `${id}-hint` : null, `${id}-problem`].filter(Boolean);
  for (const [key, value] of Object.entries({ id, "data-pointer": pointer, "aria-describedby": marks.join(" ") })) control.setAttribute(key, value);
  return element("div", { class: "field" }, element("label", { for: id }, name), control, hint ? element("p", { id: marks[0], class: "quiet small" }, hint) : null, element("p", { id: `${id}-problem`, class: "problem small" }));
}

export function input(value, attributes = {}) {
  const node = element("input", { autocomplete: "off", ...attributes });
  node.value = value ?? "";
  return node;
}

export function select(options, value, attributes = {}) {
  return element("select", attributes, Object.entries(options).map(([key, name]) => element("option", { value: key, selected: key === value }, name)));
}

// One value a line.
export function lines(values, attributes = {}) {
  const node = element("textarea", { rows: "3", spellcheck: "false", ...attributes });
  node.value = values.join("\n");
  return node;
}

export const linesOf = (control) => control.value.split("\n").map((line) => line.trim()).filter(Boolean);

// Boxes to tick, as one group with its name; `chosen` are the keys that are ticked.
export function ticks(name, key, options, chosen, hint) {
  const id = `field-${++made}`;
  const boxes = Object.entries(options).map(([value, text]) => element("label", { class: "tick" }, element("input", { type: "checkbox", name: key, value, checked: chosen.includes(value) }), element("span", {}, text)));
  return element("fieldset", { class: "field", "data-pointer": `/${key}`, tabindex: "-1", "aria-describedby": `${id}-problem` }, element("legend", {}, name), element("div", { class: "row ticks" }, boxes), hint ? element("p", { class: "quiet small" }, hint) : null, element("p", { id: `${id}-problem`, class: "problem small" }));
}

export const ticked = (form, key) => [...form.querySelectorAll(`input[name="${key}"]:checked`)].map((box) => box.value);

// `send()` answers a promise; where the server refuses, its words come to the fields that they are about. `turnTo(pointers)` brings
// fields forward that are not to be seen at the moment.
export function form({ send, text, turnTo = async () => {} }, ...parts) {
  const button = element("button", { class: "primary" }, text);
  const node = element("form", { class: "part form", novalidate: true }, parts, element("p", { class: "problem whole", role: "alert" }), element("div", { class: "row" }, button));
  node.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    clear(node);
    try {
      await send(node);
    } catch (error) {
      await turnTo((error.errors ?? []).map((item) => item.pointer));
      tell(node, error);
    } finally {
      button.disabled = false;
    }
  });
  return node;
}

function clear(node) {
  for (const problem of node.querySelectorAll(".problem")) problem.textContent = "";
  for (const control of node.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
}

function tell(node, error) {
  if (!(error instanceof Problem) || error.status === 401 || error.status === 0) return explain(error);
  const homeless = error.errors.filter((item) => !mark(node, item));
  node.querySelector(".whole").textContent = homeless.length || !error.errors.length ? [error.message, ...homeless.map((item) => `${item.pointer}: ${item.detail}`)].join(" ") : word("look_at_fields");
  node.querySelector("[aria-invalid]")?.focus();
}

// The control of the place itself, or of the nearest place around it.
function mark(node, { pointer, detail }) {
  for (let place = pointer; place; place = place.slice(0, place.lastIndexOf("/"))) {
    const control = node.querySelector(`[data-pointer="${CSS.escape(place)}"]`);
    if (!control) continue;
    control.setAttribute("aria-invalid", "true");
    document.getElementById(control.getAttribute("aria-describedby").split(" ").at(-1)).textContent += `${detail} `;
    return true;
  }
  return false;
}
