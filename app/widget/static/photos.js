// Photos chosen for the next message: looked at here, judged by the server.

import { megabytes, say } from "./words.js";

const KINDS = ["image/jpeg", "image/png", "image/webp", "image/gif"];
const MOST = 5;
const limit = Number(document.documentElement.dataset.photoBytes);
const list = document.getElementById("photos");
const input = document.getElementById("file");
let chosen = [];

function add(file, complain) {
  if (!KINDS.includes(file.type)) return complain(say("photo_kind"));
  if (file.size > limit) return complain(say("photo_size", { size: megabytes(limit) }));
  if (chosen.length === MOST) return undefined;
  chosen.push(file);
  const item = document.createElement("li");
  const image = Object.assign(new Image(), { alt: say("photo"), src: URL.createObjectURL(file) });
  const remove = Object.assign(document.createElement("button"), { type: "button" });
  remove.setAttribute("aria-label", say("remove"));
  remove.innerHTML = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 6l12 12M18 6L6 18"/></svg>'; // fixed markup, nobody's text
  remove.addEventListener("click", () => {
    chosen = chosen.filter((other) => other !== file);
    item.remove();
    input.focus();
  });
  item.append(image, remove);
  list.append(item);
  return undefined;
}

export function watch(complain) {
  input.addEventListener("change", () => {
    for (const file of input.files) add(file, complain);
    input.value = "";
  });
}

export function take() {
  const photos = chosen;
  chosen = [];
  list.replaceChildren();
  return photos;
}

export function any() {
  return chosen.length > 0;
}
