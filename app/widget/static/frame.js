// The frame: wires the page to the line, the queue and the page that it stands on.

import { keep, Queue, recall } from "./kept.js";
import { Line, Problem } from "./line.js";
import { forget, has, show, showQueued, unreadAfter } from "./log.js";
import { hear, tell } from "./parent.js";
import * as photos from "./photos.js";
import { hours, megabytes, moment, say } from "./words.js";

const LONGEST_PAUSE_MS = 30000;
const at = (id) => document.getElementById(id);
const text = at("text");
const limit = Number(document.documentElement.dataset.limit);
let line, queue, settings;
let newest = null; // id of the newest message that is shown
let shown = false, sending = false, connected = false, listening = null;

// --- what the page says -----------------------------------------------------------------------------------------------

function complain(problem) {
  at("notice").hidden = !problem;
  at("notice").textContent = problem || "";
}

function showOpening({ open, opens_at: opensAt, response_hours: responseHours }) {
  at("hours").textContent = open ? say("reply_time", { hours: hours(responseHours) }) : say("away", { time: moment(opensAt) });
}

function count(number) {
  tell("unread", { count: number });
}

// --- what was said ----------------------------------------------------------------------------------------------------

async function refresh() {
  for (let after = newest; ;) {
    const { items, next_cursor: next } = await line.ask("GET", `messages?${new URLSearchParams(after ? { after } : {})}`);
    for (const message of items) arrive(message);
    if (!next) break;
    after = next;
  }
  if (shown) read();
  else count(unreadAfter(recall(`${line.mark}:read`)));
}

function arrive(message) {
  newest = message.id;
  if (has(message.id)) return;
  show(message, (id) => line.ask("GET", `uploads/${encodeURIComponent(id)}`));
}

function read() {
  if (newest) keep(`${line.mark}:read`, newest);
  count(0);
}

async function follow() {
  for (let pause = 1000; ; ) {
    listening = new AbortController();
    try {
      await line.listen(() => refresh().catch(() => {}), listening.signal);
      pause = 1000;
    } catch {
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
    await new Promise((resolve) => { setTimeout(resolve, pause); });
    if (!navigator.onLine) await new Promise((resolve) => { window.addEventListener("online", resolve, { once: true }); });
  }
}

// --- what the buyer says ----------------------------------------------------------------------------------------------

function stateOf(item) {
  if (item.failed) return "failed";
  return sending && item === queue.items[0] ? "sending" : "waiting";
}

function redraw() {
  for (const item of queue.items) showQueued(item, stateOf(item), () => retry(item));
}

async function retry(item) {
  item.failed = false;
  await queue.put(item);
  flush();
}

async function upload(item) {
  for (const photo of item.photos.slice(item.ids.length)) {
    const form = new FormData();
    form.append("file", photo, "photo");
    const { id } = await line.ask("POST", "uploads", { form });
    item.ids.push(id);
    await queue.put(item);
  }
}

async function deliver(item) {
  await upload(item);
  const body = { text: item.text, attachments: item.ids.map((id) => ({ id })) };
  for (const name of ["name", "order_id"]) if (item[name]) body[name] = item[name];
  if (item.sku) body.product = { sku: item.sku };
  const { message } = await line.ask("POST", "messages", { json: body, key: item.key });
  await queue.drop(item);
  forget(item);
  if (!has(message.id)) show(message, async (id) => item.photos[item.ids.indexOf(id)]);
}

// Refused for good: a photo that is none goes away with a word, and the text comes back; all else stays and can be tried again.
async function refuse(item, problem) {
  const photoRefused = item.ids.length < item.photos.length && [413, 422].includes(problem.status);
  if (!photoRefused) {
    item.failed = true;
    await queue.put(item);
    return;
  }
  await queue.drop(item);
  forget(item);
  if (!text.value && item.text !== say("photo_only")) text.value = item.text;
  complain(problem.status === 413 ? say("photo_size", { size: megabytes(Number(document.documentElement.dataset.photoBytes)) }) : say("photo_kind"));
}

let pause = 1000;

async function flush() {
  if (sending || !connected) return;
  sending = true;
  let later = 0;
  for (let item; !later && (item = queue.items.find((one) => !one.failed)); ) {
    redraw();
    try {
      await deliver(item);
      pause = 1000;
    } catch (problem) {
      const final = problem instanceof Problem && problem.status >= 400 && problem.status < 500 && ![401, 408, 429].includes(problem.status);
      if (final) await refuse(item, problem);
      else later = problem.wait * 1000 || (pause = Math.min(pause * 2, LONGEST_PAUSE_MS));
    }
  }
  sending = false;
  redraw();
  if (later) setTimeout(flush, later);
}

// randomUUID is for pages over TLS only; a shop tries the chat out without it.
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function speak() {
  const written = text.value.trim();
  if (!line || (!written && !photos.any())) return;
  if ([...written].length > limit) {
    complain(say("too_long", { count: limit }));
    return;
  }
  complain("");
  const facts = { name: at("name").value.trim(), order_id: at("order").value.trim(), sku: settings.sku };
  const item = { key: newKey(), at: Date.now(), text: written || say("photo_only"), photos: photos.take(), ids: [], ...facts };
  text.value = "";
  fit();
  at("details").open = false;
  await queue.put(item);
  redraw();
  tell("started");
  flush();
}

function fit() {
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight + 2}px`;
}

// --- coming up --------------------------------------------------------------------------------------------------------

async function connect() {
  for (let pause = 1000; !connected; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      const answer = await line.open();
      connected = true;
      complain("");
      showOpening(answer.opening);
      if (answer.buyer.vouched && answer.buyer.name) at("name").closest("label").hidden = true;
    } catch (problem) {
      if (navigator.onLine) complain(say("unreachable"));
      if (problem instanceof Problem && problem.status < 500 && problem.status !== 429) return;
      await new Promise((resolve) => { setTimeout(resolve, pause); window.addEventListener("online", resolve, { once: true }); });
    }
  }
  flush();
  follow();
}

async function run(given, page) {
  if (line) return;
  settings = given;
  document.documentElement.style.setProperty("--accent", given.color);
  document.documentElement.style.setProperty("--on-accent", given.onColor);
  line = new Line(given, page);
  queue = new Queue(line.mark);
  at("name").value = recall(`${line.mark}:name`) || "";
  at("order").value = given.order || recall(`${line.mark}:order`) || "";
  await queue.load();
  redraw();
  tell("ready");
  connect();
}

hear((what, given, page) => {
  if (what === "run") run(given, page);
  if (what === "hidden") shown = false;
  if (what === "shown") {
    shown = true;
    text.focus();
    if (line) read();
  }
});

// An input method uses Enter and Escape for itself while it composes; 229 is how some browsers say so.
const composing = (event) => event.isComposing || event.keyCode === 229;

text.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || composing(event)) return;
  event.preventDefault();
  speak();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !composing(event)) tell("close");
});
text.addEventListener("input", fit);
at("composer").addEventListener("submit", (event) => { event.preventDefault(); speak(); });
at("close").addEventListener("click", () => tell("close"));
for (const name of ["name", "order"]) at(name).addEventListener("change", () => line && keep(`${line.mark}:${name}`, at(name).value));
photos.watch(complain);

function online() {
  at("offline").hidden = navigator.onLine;
  if (!navigator.onLine) { listening?.abort(); return; }
  pause = 1000;
  if (line) flush();
}
window.addEventListener("online", online);
window.addEventListener("offline", online);
online();
