// Buttons that do something at once, that ask first, or that copy.
import { element } from "./dom.js";
import { explain, toast } from "./toast.js";
import { word } from "./words.js";

export function button(text, run, attributes = {}) {
  return element("button", { type: "button", onclick: () => Promise.resolve(run()).catch(explain), ...attributes }, text);
}

// What cannot be taken back asks once more, in the same place.
export function sure(text, run) {
  const node = element("button", { type: "button", class: "danger" }, text);
  let asked = false;
  const forget = () => {
    asked = false;
    node.textContent = text;
  };
  node.addEventListener("blur", forget);
  node.addEventListener("click", () => {
    if (asked) {
      forget();
      return void Promise.resolve(run()).catch(explain);
    }
    asked = true;
    node.textContent = word("really", { what: text });
  });
  return node;
}

// A text to take elsewhere. Where the browser lets no page write the clipboard, it is marked for Ctrl + C.
export function copyable(name, text) {
  const shown = element("input", { readonly: true, class: "code", "aria-label": name });
  shown.value = text;
  const copy = async () => {
    shown.select();
    try {
      await navigator.clipboard.writeText(text);
      toast(word("copied"));
    } catch {
      toast(word("copy_by_hand"));
    }
  };
  return element("div", { class: "row copyable" }, shown, button(word("copy"), copy));
}

// A secret that the server shows this once.
export function secretOnce(name, secret) {
  return element("div", { class: "notice secret", role: "status" }, element("strong", {}, name), element("p", {}, word("shown_once")), copyable(name, secret));
}
