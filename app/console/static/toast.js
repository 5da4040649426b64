// One line at the foot of the page, at times with a way back that counts down.
import { element } from "./dom.js";
import { Problem } from "./server.js";
import { word } from "./words.js";

const SHOWN_MS = 4000;
const place = () => document.getElementById("toast");
let timer;
let back = null;

export function toast(text) {
  clear();
  place().replaceChildren(element("span", {}, text));
  timer = setTimeout(clear, SHOWN_MS);
}

// `run` takes the step back; the seconds that are left stand in the line.
export function toastWithUndo(key, seconds, run) {
  clear();
  back = run;
  const until = Date.now() + seconds * 1000;
  const text = element("span", { "aria-live": "off" });
  const button = element("button", { onclick: undo }, word("undo"), element("kbd", {}, "u"));
  place().replaceChildren(text, button);
  const tick = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    if (left <= 0) return toast(word("left_toast"));
    text.textContent = word(key, { n: left });
  };
  tick();
  timer = setInterval(tick, 250);
}

export function undo() {
  const run = back;
  if (!run) return;
  clear();
  run();
}

export function explain(error) {
  if (!(error instanceof Problem)) throw error;
  if (error.status === 401) return location.reload();
  toast(error.status === 0 ? word("offline") : [error.message, ...error.errors.map((item) => item.detail)].join(" "));
}

function clear() {
  clearInterval(timer);
  back = null;
  place().replaceChildren();
}
