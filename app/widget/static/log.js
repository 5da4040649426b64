// The conversation as it is shown. Texts are set as text, never as markup; addresses in the shop's own messages become links.

import { moment, say } from "./words.js";

const LINK = /https?:\/\/[^\s<>"\u2066-\u2069]+/g;
const log = document.getElementById("log");
const scroller = log.parentElement;

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function linked(text) {
  const pieces = document.createDocumentFragment();
  let at = 0;
  for (const found of text.matchAll(LINK)) {
    const address = found[0].replace(/[.,;:!?)\]»”。，）]+$/u, "");
    const link = Object.assign(make("a", "", address), { href: address, target: "_blank", rel: "noopener noreferrer" });
    pieces.append(text.slice(at, found.index), link);
    at = found.index + address.length;
  }
  pieces.append(text.slice(at));
  return pieces;
}

function picture(blob) {
  const image = new Image();
  image.alt = say("photo");
  image.src = URL.createObjectURL(blob);
  image.addEventListener("load", () => URL.revokeObjectURL(image.src));
  return image;
}

function bubble(text, mine) {
  const element = make("div", "bubble");
  element.dir = "auto";
  element.append(mine ? text : linked(text));
  return element;
}

function draw(entry, mine, text, blobs) {
  entry.className = mine ? "mine" : "theirs";
  const who = mine ? say("you") : document.querySelector("h1").textContent;
  const pictures = make("div", "pictures");
  pictures.append(...blobs.map(picture));
  entry.replaceChildren(make("span", "sr", `${who}: `), ...(blobs.length ? [pictures] : []), bubble(text, mine));
  return pictures;
}

function toEnd() {
  scroller.scrollTop = scroller.scrollHeight;
}

// A long letter is read from its first line.
function toStart(entry) {
  scroller.scrollTop += entry.getBoundingClientRect().top - scroller.getBoundingClientRect().top - 16;
}

// A message that the server has. `fetchPhoto` gives the blob of a photo's id.
export function show(message, fetchPhoto) {
  const entry = make("li");
  entry.dataset.id = message.id;
  draw(entry, message.from === "buyer", message.text, []);
  const time = make("time", "foot", moment(message.at));
  time.dateTime = message.at;
  entry.append(time);
  log.insertBefore(entry, log.querySelector("li[data-key]"));
  if (message.attachments.length) showPhotos(entry, message.attachments, fetchPhoto);
  if (message.from === "buyer") toEnd();
  else toStart(entry);
}

async function showPhotos(entry, attachments, fetchPhoto) {
  const pictures = make("div", "pictures");
  entry.querySelector(".bubble").before(pictures);
  for (const attachment of attachments) {
    const blob = await fetchPhoto(attachment.id).catch(() => null);
    if (blob) pictures.append(picture(blob));
  }
}

// A message on its way: `state` is one of sending, waiting, failed.
export function showQueued(item, state, retry) {
  let entry = log.querySelector(`li[data-key="${item.key}"]`);
  if (!entry) {
    entry = log.appendChild(make("li"));
    entry.dataset.key = item.key;
    draw(entry, true, item.text, item.photos);
    entry.append(make("span", "foot"));
    toEnd();
  }
  const foot = entry.querySelector(".foot");
  foot.classList.toggle("failed", state === "failed");
  foot.replaceChildren(say(state));
  if (state === "failed") {
    const button = make("button", "", say("retry"));
    button.type = "button";
    button.addEventListener("click", retry);
    foot.append(button);
  }
}

export function forget(item) {
  log.querySelector(`li[data-key="${item.key}"]`)?.remove();
}

export function has(id) {
  return log.querySelector(`li[data-id="${id}"]`) !== null;
}

// How many messages of the shop stand after that one; all of them where it is not there.
export function unreadAfter(id) {
  const entries = [...log.querySelectorAll("li[data-id]")];
  return entries.slice(entries.findIndex((entry) => entry.dataset.id === id) + 1).filter((entry) => entry.className === "theirs").length;
}
