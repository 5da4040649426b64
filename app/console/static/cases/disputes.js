// Disputes as cases, due first: what is claimed, what is due and until when, the evidence, both sides' offers, what was done.
import { due, moment } from "../clock.js";
import { element } from "../dom.js";
import { field, form, input, select } from "../form.js";
import { button } from "../press.js";
import { call } from "../server.js";
import { label, state } from "../state.js";
import { table } from "../table.js";
import { toast } from "../toast.js";
import { word } from "../words.js";

const STATES = ["to_answer", "negotiating", "returning", "platform", "closed"];
const PROOFS = ["wanted", "have", "not_available"];
const SIDES = ["seller", "buyer", "platform"];
const STEPS = ["accept", "counter_offer", "evidence", "platform_step"];
const MOMENTS = { returning: ["return_address", "return_arrival"], platform: ["platform_request", "decision"] };
const OFFERED_BY = { accept: ["buyer"], counter_offer: ["seller"] };
let list = null;

export async function showDisputes(place) {
  state.labels = await call("GET", `/v1/labels?language=${state.language}`);
  const wanted = select({ "": word("any"), ...named(STATES, "case") }, "", { "aria-label": word("status"), onchange: () => fill(wanted.value) });
  list = element("div", { class: "stack", role: "list", "aria-label": word("disputes_title") });
  place.replaceChildren(element("div", { class: "row" }, wanted), list);
  await fill("");
}

const named = (names, prefix) => Object.fromEntries(names.map((name) => [name, word(`${prefix}_${name}`)]));

async function fill(wanted, cursor = null) {
  const asked = new URLSearchParams({ ...(wanted ? { state: wanted } : {}), ...(cursor ? { cursor } : {}) });
  const found = await call("GET", `/v1/disputes?${asked}`);
  if (!cursor) list.replaceChildren();
  list.append(...found.items.map((one) => element("div", { role: "listitem" }, card(one))));
  if (!list.children.length) list.append(element("p", { class: "quiet", role: "listitem" }, word("nothing_found")));
  if (!found.next_cursor) return;
  const more = button(word("more"), async () => {
    holder.remove();
    await fill(wanted, found.next_cursor);
  });
  const holder = element("div", { role: "listitem" }, more);
  list.append(holder);
}

function card(one, open = false) {
  const head = element("summary", {}, element("strong", {}, label("disputes", one.kind)), ` · ${one.order_id} · `, element("span", { class: "tag" }, word(`case_${one.state}`)), " ", one.state === "closed" ? null : due(one.due_by));
  const whole = element("div", { class: "stack" }, next(one), facts(one), evidence(one), offers(one), steps(one), history(one));
  return element("details", { class: "part", open, "data-case": one.id }, head, whole);
}

// What the shop has to do, and where the day comes from; where none is known, that is said too.
function next(one) {
  if (one.state === "closed") return null;
  const said = one.due_by ? word(`case_due_${one.due_from}`, { due: moment(one.due_by) }) : word("case_due_unknown");
  return element("p", {}, element("strong", {}, word(`case_next_${one.state}`)), " ", said);
}

function facts(one) {
  const told = [[word("opened_at"), moment(one.opened_at)], [word("market"), one.market ?? "–"], [word("channel"), one.channel]];
  return element("dl", { class: "facts" }, told.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
}

function evidence(one) {
  const rows = one.evidence.map((piece) => {
    const name = label("proofs", piece.proof);
    const kept = select(named(PROOFS, "proof"), piece.state, { "aria-label": name, disabled: one.state === "closed" });
    const note = input(piece.note, { "aria-label": `${word("note")}: ${name}`, maxlength: "2000", placeholder: word("where_it_lies"), disabled: one.state === "closed" });
    const keep = () => send(one, "PATCH", "", { evidence: [{ proof: piece.proof, state: kept.value, note: note.value }] });
    for (const control of [kept, note]) control.addEventListener("change", () => keep().catch(() => {}));
    return [name, kept, note];
  });
  return element("section", { class: "stack" }, element("h3", {}, word("evidence")), table(word("evidence"), [word("evidence"), word("status"), word("note")], rows));
}

function offers(one) {
  const told = one.offers.map((offer) => element("li", {}, `${moment(offer.at)} · ${word(`side_${offer.by}`)}: ${terms(offer)}`));
  const parts = [element("h3", {}, word("offers")), told.length ? element("ul", {}, told) : element("p", { class: "quiet" }, word("no_offers"))];
  if (one.state !== "closed") parts.push(offering(one), moving(one));
  return element("section", { class: "stack" }, parts);
}

const terms = (offer) => [offer.amount ? `${offer.amount.amount} ${offer.amount.currency}` : `${offer.percent} %`, offer.returns ? word("with_return") : null].filter(Boolean).join(", ");

function offering(one) {
  const by = select(named(SIDES, "side"), "seller");
  const percent = input("", { type: "number", min: "0", max: "100", required: true });
  const returns = select({ "": word("without_return"), yes: word("with_return") }, "");
  const add = () => send(one, "POST", "/offers", { by: by.value, percent: Number(percent.value), returns: Boolean(returns.value) });
  return form({ send: add, text: word("add_offer") }, element("div", { class: "row" }, field(word("offered_by"), "/by", by), field(word("offered_share"), "/percent", percent), field(word("goods"), "/returns", returns)));
}

function moving(one) {
  const to = select(named(STATES, "case"), one.state);
  const note = element("textarea", { rows: "2", maxlength: "2000" });
  const times = Object.fromEntries((MOMENTS[one.state] ?? []).map((name) => [name, input(local(one.moments[name]), { type: "datetime-local" })]));
  const moments = () => Object.fromEntries(Object.entries(times).filter(([name, time]) => time.value && time.value !== local(one.moments[name])).map(([name, time]) => [name, new Date(time.value).toISOString()]));
  const move = () => send(one, "PATCH", "", { ...(to.value === one.state ? {} : { state: to.value }), moments: moments(), note: note.value });
  return form({ send: move, text: word("save") }, field(word("status"), "/state", to), ...Object.entries(times).map(([name, time]) => field(word(`moment_${name}`), `/moments/${name}`, time, word("moment_hint"))), field(word("note"), "/note", note));
}

// A moment as the browser's own control writes it, in the reader's zone; to the minute.
function local(at) {
  return at ? new Date(new Date(at) - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16) : "";
}

// A draft for the buyer, which waits in the queue to be signed; what is about an offer needs one noted first.
function steps(one) {
  if (one.state === "closed") return null;
  const possible = (step) => !OFFERED_BY[step] || one.offers.some((offer) => OFFERED_BY[step].includes(offer.by));
  const buttons = STEPS.map((step) => button(word(`step_${step}`), () => draft(one, step), { disabled: !possible(step) }));
  return element("section", { class: "stack" }, element("h3", {}, word("case_drafts")), element("p", { class: "quiet" }, word("case_drafts_hint")), element("div", { class: "row" }, buttons));
}

async function draft(one, purpose) {
  const made = await call("POST", `/v1/disputes/${one.id}/drafts`, { purpose, agent_language: state.language }, { "If-Match": `"${one.version}"` });
  toast(word("draft_waits"));
  shown(one.id, made.case);
}

function history(one) {
  const lines = [...one.history].reverse().map((step) => element("li", {}, `${moment(step.at)} · ${step.by} · ${word(`did_${step.did}`)} `, element("span", { dir: "auto" }, detail(step))));
  return element("section", { class: "stack" }, element("h3", {}, word("case_history")), element("ul", {}, lines));
}

function detail({ did, detail: text }) {
  if (did === "state") return word(`case_${text}`);
  if (did === "offer") return word(`side_${text}`);
  if (did === "draft") return drafted(text);
  if (did === "moment") return `${word(`moment_${text.split(" ")[0]}`)}: ${moment(text.split(" ")[1])}`;
  if (did !== "evidence") return text;
  const [proof, kept] = text.split(": ");
  return `${label("proofs", proof)}: ${word(`proof_${kept}`)}`;
}

function drafted(text) {
  const [purpose, id] = text.split(" ");
  return element("a", { href: `/#${id}` }, word(`step_${purpose}`));
}

// The newest version goes along, so that nobody writes over what a colleague has done meanwhile.
async function send(one, method, path, body) {
  const changed = await call(method, `/v1/disputes/${one.id}${path}`, body, { "If-Match": `"${one.version}"` });
  toast(word("saved"));
  shown(one.id, changed);
}

function shown(id, changed) {
  list.querySelector(`[data-case="${id}"]`).replaceWith(card(changed, true));
  list.querySelector(`[data-case="${id}"] summary`).focus();
}
