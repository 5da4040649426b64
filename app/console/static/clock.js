// Times that tick: how long a buyer has waited, and what is left of the channel's time.
import { element } from "./dom.js";
import { word } from "./words.js";

const EVERY_MS = 1000;

export function waiting(since) {
  return element("time", { class: "quiet clock", datetime: since, "data-since": since }, word("waits", { time: length(Date.now() - Date.parse(since)) }));
}

export function due(at) {
  if (!at) return null;
  const node = element("time", { class: "clock", datetime: at, "data-due": at });
  tell(node);
  return node;
}

export function moment(text) {
  const plain = /^\d{4}-\d{2}-\d{2}$/.test(text);
  return new Intl.DateTimeFormat(document.documentElement.lang, plain ? { dateStyle: "medium", timeZone: "UTC" } : { dateStyle: "medium", timeStyle: "short" }).format(new Date(text));
}

export function start() {
  setInterval(() => {
    for (const node of document.querySelectorAll("[data-since]")) write(node, word("waits", { time: length(Date.now() - Date.parse(node.dataset.since)) }));
    for (const node of document.querySelectorAll("[data-due]")) tell(node);
  }, EVERY_MS);
}

function tell(node) {
  const left = Date.parse(node.dataset.due) - Date.now();
  node.classList.toggle("late", left < 0);
  write(node, word(left < 0 ? "overdue" : "due_in", { time: length(Math.abs(left)) }));
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function length(milliseconds) {
  const minutes = Math.max(0, Math.floor(milliseconds / 60000));
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d`;
}
