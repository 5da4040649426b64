// Corrections that wait for a second decision: the message, how it was read, what a person says that it is. Keys: j, k, a, r.
import { moment } from "../clock.js";
import { element } from "../dom.js";
import { select } from "../form.js";
import { listen } from "../keys.js";
import { button } from "../press.js";
import { call } from "../server.js";
import { label, state } from "../state.js";
import { toast } from "../toast.js";
import { word } from "../words.js";

const STATES = ["proposed", "accepted", "refused"];
const KINDS = { intents: "intents", emotion: "emotions", conduct: "conduct" };
let list = null;

export async function showCorrections(place) {
  state.labels = await call("GET", `/v1/labels?language=${state.language}`);
  const wanted = select(Object.fromEntries(STATES.map((name) => [name, word(`correction_${name}`)])), "proposed", { "aria-label": word("status"), onchange: () => fill(wanted.value) });
  list = element("div", { class: "stack", role: "list", "aria-label": word("corrections_title") });
  place.replaceChildren(element("div", { class: "row spread" }, element("p", { class: "quiet small" }, word("corrections_keys")), wanted), list);
  await fill("proposed");
}

async function fill(wanted, cursor = null) {
  const asked = new URLSearchParams({ state: wanted, ...(cursor ? { cursor } : {}) });
  const found = await call("GET", `/v1/corrections?${asked}`);
  if (!cursor) list.replaceChildren();
  list.append(...found.items.map(card));
  if (!list.children.length) list.append(element("p", { class: "quiet", role: "listitem" }, word("nothing_found")));
  if (!found.next_cursor) return;
  const more = button(word("more"), async () => {
    holder.remove();
    await fill(wanted, found.next_cursor);
  });
  const holder = element("div", { role: "listitem" }, more);
  list.append(holder);
}

function card(one) {
  const node = element("div", { class: "part correction", role: "listitem", tabindex: one.state === "proposed" ? "0" : null }, element("blockquote", { class: "now", dir: "auto" }, one.text),
    element("dl", { class: "facts" }, element("dt", {}, word("was_read")), element("dd", {}, one.predicted ? told(one.predicted) : "–"), element("dt", {}, word("is_really")), element("dd", {}, element("strong", {}, told(one.corrected)))),
    element("p", { class: "quiet small" }, word("corrected_by", { name: one.by, time: moment(one.at) }), one.decided_by ? ` · ${word(`correction_${one.state}`)}: ${one.decided_by}` : ""));
  if (one.state === "proposed") node.append(element("div", { class: "row" }, verb(one, node, "accept", "a"), verb(one, node, "refuse", "r")));
  return node;
}

function verb(one, node, name, key) {
  return button([word(`${name}_correction`), element("kbd", {}, key)], async () => {
    await call("POST", `/v1/corrections/${one.id}/${name}`);
    toast(word(`${name}_correction_done`));
    const next = node.nextElementSibling ?? node.previousElementSibling;
    node.remove();
    if (!list.children.length) list.append(element("p", { class: "quiet", role: "listitem" }, word("nothing_found")));
    next?.focus();
  }, { "data-verb": name });
}

// Only what was said: a correction may be of the intents alone. An empty list says that there is none of it.
function told(reading) {
  const labels = Object.entries(KINDS).filter(([key]) => reading[key] !== null && reading[key] !== undefined).map(([key, kind]) => [reading[key]].flat().map((id) => label(kind, id)).join(", ") || word("none_of_conduct"));
  return [...labels, reading.language, reading.reply_id].filter(Boolean).join(" · ");
}

const here = () => document.activeElement?.closest(".correction");
const step = (side) => (here()?.[side] ?? here() ?? list?.querySelector(".correction"))?.focus();
const press = (name) => here()?.querySelector(`[data-verb=${name}]`)?.click();

listen({ next: () => step("nextElementSibling"), previous: () => step("previousElementSibling"), approve: () => press("accept"), reject: () => press("refuse") });
