// The queue: a stable list in the server's order. What is new waits behind a bar until somebody asks for it.
import { due, waiting } from "./clock.js";
import { element } from "./dom.js";
import { call } from "./server.js";
import { label, state } from "./state.js";
import { explain } from "./toast.js";
import { word } from "./words.js";

const PAGE = 40;
const SEARCH_AFTER_MS = 300;
const FILTERS = { language: null, market: null, intent: "intents", emotion: "emotions", channel: null, site: null, verdict: null };
const at = (id) => document.getElementById(id);
const queue = { items: [], cursor: null, fresh: new Set(), counts: null };
let open = () => {};

export function start(choose) {
  open = choose;
  at("status").addEventListener("change", refresh);
  at("filters").addEventListener("change", refresh);
  at("clear").addEventListener("click", clear);
  at("more").addEventListener("click", () => fill(true).catch(explain));
  at("new").addEventListener("click", refresh);
  let timer;
  at("search").addEventListener("input", (event) => {
    if (event.isComposing) return;
    clearTimeout(timer);
    timer = setTimeout(refresh, SEARCH_AFTER_MS);
  });
}

export async function refresh() {
  queue.fresh.clear();
  try {
    await fill(false);
  } catch (error) {
    explain(error);
  }
}

// The row of the open draft: an alternative stands where its first draft does.
export const inQueue = () => state.open?.alternative_of ?? state.open?.id;

// The draft `by` places further; the list stays as it is.
export function neighbour(by) {
  const place = queue.items.findIndex((item) => item.id === inQueue());
  return queue.items[place < 0 ? 0 : place + by]?.id ?? null;
}

// What was decided here is known before the server tells it: the way onward must not lead back.
export function mark(id, status) {
  const item = queue.items.find((one) => one.id === id);
  if (item) item.status = status;
}

// The next one that is still to be decided; decided rows stay where they are.
export function following() {
  const place = queue.items.findIndex((item) => item.id === inQueue());
  const order = [...queue.items.slice(place + 1), ...queue.items.slice(0, Math.max(place, 0))];
  return order.find((item) => item.status === "pending" && !takenBy(item))?.id ?? null;
}

export function hear(name, event) {
  const known = queue.items.find((item) => item.id === event.draft_id);
  if (!known) {
    if (name === "draft.ready" && event.revision === 1 && at("status").value === "pending") queue.fresh.add(event.draft_id);
  } else if (name === "draft.superseded") {
    remove(known);
  } else {
    Object.assign(known, changes(name, event));
  }
  queue.fresh.delete(name === "draft.superseded" ? event.draft_id : null);
  show();
}

function changes(name, event) {
  if (name === "draft.claimed") return { claimed_by: event.by, claimed_until: null };
  if (name === "draft.released") return { claimed_by: null };
  const status = { "draft.approved": "approved", "draft.rejected": "rejected", "draft.undone": "pending", "reply.sent": "sent" }[name];
  return status ? { status, claimed_by: null } : {};
}

// A superseded draft gives way to the one that answers the whole burst, unless it is being looked at.
function remove(item) {
  if (item.id === inQueue()) item.status = "superseded";
  else queue.items.splice(queue.items.indexOf(item), 1);
}

function query(cursor) {
  const wanted = new URLSearchParams({ status: at("status").value, limit: PAGE, agent_language: state.language });
  for (const select of at("filters").querySelectorAll("select")) if (select.value) wanted.set(select.name, select.value);
  if (at("mine").checked) wanted.set("assignee", state.person.name);
  if (at("search").value.trim()) wanted.set("q", at("search").value.trim());
  if (cursor) wanted.set("cursor", cursor);
  return wanted;
}

async function fill(further) {
  const wanted = query(further ? queue.cursor : null);
  const [page, counts] = await Promise.all([call("GET", `/v1/drafts?${wanted}`), call("GET", `/v1/drafts/counts?${wanted}`)]);
  queue.items = further ? [...queue.items, ...page.items] : page.items;
  queue.cursor = page.next_cursor;
  queue.counts = counts;
  choices();
  show();
}

function choices() {
  for (const select of at("filters").querySelectorAll("select")) {
    const chosen = select.value;
    const values = { ...(chosen ? { [chosen]: 0 } : {}), ...queue.counts[select.name] };
    const kind = FILTERS[select.name];
    select.replaceChildren(element("option", { value: "" }, word("any")), ...Object.entries(values).map(([value, count]) => element("option", { value, selected: value === chosen }, `${kind ? label(kind, value) : word(value)} (${count})`)));
  }
}

export function show() {
  const focused = document.activeElement?.dataset?.draft;
  at("drafts").replaceChildren(...queue.items.map(row));
  if (focused) at("drafts").querySelector(`[data-draft="${focused}"]`)?.focus({ preventScroll: true });
  at("empty").hidden = queue.items.length > 0;
  at("more").hidden = !queue.cursor;
  at("new").hidden = queue.fresh.size === 0;
  at("new").textContent = word("new_drafts", { n: queue.fresh.size });
  at("count").textContent = queue.counts ? word("drafts", { n: Object.values(queue.counts.verdict).reduce((sum, count) => sum + count, 0) }) : "";
}

export function reveal(id) {
  at("drafts").querySelector(`[data-draft="${id}"]`)?.scrollIntoView({ block: "nearest" });
}

function takenBy(item) {
  return item.claimed_by && item.claimed_by !== state.person.name && (!item.claimed_until || Date.parse(item.claimed_until) > Date.now()) ? item.claimed_by : null;
}

function row(item) {
  const taken = takenBy(item);
  const decided = at("status").value === "pending" && item.status !== "pending";
  return element("li", {}, element("button", { class: `item ${item.priority}${decided ? " decided" : ""}`, "data-draft": item.id, "aria-current": item.id === inQueue() ? "true" : null, onclick: () => open(item.id) },
    element("span", { class: "row" }, element("span", { class: `tag ${item.priority}` }, word(item.priority)), element("span", { class: `tag ${item.verdict}` }, word(decided ? item.status : item.verdict)), element("span", { class: "quiet small" }, item.language)),
    element("span", { class: "gist" }, item.gist),
    element("span", { class: "quiet small" }, element("bdi", {}, [item.buyer_name, item.channel].filter(Boolean).join(" · "))),
    item.priority_reasons.length ? element("span", { class: "quiet small" }, item.priority_reasons.join(" · ")) : null,
    element("span", { class: "row small" }, item.status === "pending" ? [waiting(item.received_at), due(item.limits.answer_due)].filter(Boolean) : null),
    taken ? element("span", { class: "small taken" }, word("taken", { name: taken })) : null));
}

function clear() {
  for (const select of at("filters").querySelectorAll("select")) select.value = "";
  at("mine").checked = false;
  at("search").value = "";
  refresh();
}
