// The keys, in one place. A key does nothing while somebody types, while an input method composes, or over an open dialog.
import { element } from "./dom.js";
import { word } from "./words.js";

export const KEYS = { j: "next", k: "previous", Enter: "open", a: "approve", e: "edit", r: "reject", g: "regenerate", o: "alternatives", c: "claim", s: "snooze", u: "undo", "/": "search", "?": "help" };
const SHOWN = [...Object.entries(KEYS), ["Ctrl + Enter", "send"], ["Esc", "leave"]];
const OWN_ENTER = "button, a, summary, [role=option]";

export function listen(actions) {
  document.addEventListener("keydown", (event) => {
    const name = KEYS[event.key];
    if (!name || !actions[name] || busy(event)) return;
    if (event.key === "Enter" && event.target.closest(OWN_ENTER)) return;
    event.preventDefault();
    actions[name]();
  });
}

export function composing(event) {
  return event.isComposing || event.keyCode === 229;
}

function busy(event) {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  return typing || composing(event) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]");
}

export function showKeys(dialog) {
  dialog.querySelector("dl").replaceChildren(...SHOWN.flatMap(([key, name]) => [element("dt", {}, element("kbd", {}, key)), element("dd", {}, word(`key_${name}`))]));
  dialog.showModal();
}
