// The page of figures: how the work went, what rises, what the replies do not answer.
import { moment } from "./clock.js";
import { element } from "./dom.js";
import { plot } from "./plot.js";
import { call } from "./server.js";
import { start } from "./shell.js";
import { label, state } from "./state.js";
import { table } from "./table.js";
import { explain } from "./toast.js";
import { word } from "./words.js";

const at = (id) => document.getElementById(id);
const SHOWN = 15;
let asking = 0; // the newest question put to the service

const share = (value) => (value === null || value === undefined ? "–" : `${Math.round(value * 100)} %`);
const hours = (wait) => (wait ? `${(wait.median / 3600).toFixed(1)} h` : "–");
const named = (group) => (group === null ? word("unknown") : at("group").value === "intent" ? label("intents", group) : group);

function tile(key, value, more = "") {
  return element("div", { class: "tile" }, element("strong", {}, value), element("span", { class: "quiet small" }, word(key) + more));
}

function tiles({ total, before }) {
  const decided = total.approved + total.edited + total.rejected;
  const part = (count) => (decided ? share(count / decided) : "–");
  at("tiles").replaceChildren(
    tile("messages", String(total.messages), ` · ${word("before", { n: before.messages })}`), tile("as_drafted", part(total.approved)), tile("edited", part(total.edited)), tile("rejected", part(total.rejected)),
    tile("settled", share(total.settled_at_once)), tile("to_approval", hours(total.to_approval)), tile("in_time", share(total.to_first_response?.within_expectation)), tile("no_vetted_reply", String(total.unanswered)),
  );
}

function outcomes(found) {
  const parts = [["approved", "as_drafted"], ["edited", "edited"], ["rejected", "rejected"], ["open", "undecided"]].map(([id, key]) => ({ id, name: word(key) }));
  const rows = found.groups.slice(0, SHOWN).map((group) => ({ name: named(group.group), values: [group.approved, group.edited, group.rejected, group.pending + group.superseded] }));
  at("outcomes").replaceChildren(...(rows.length ? plot(word("outcomes"), rows, parts) : [nothing()]));
}

const nothing = () => element("p", { class: "quiet" }, word("nothing_found"));

function rising({ rising: { items } }) {
  const lines = items.map((item) => element("div", { class: "gap" }, element("strong", {}, named(item.group)), " ", word("rose", { now: item.now, before: item.before }), item.examples.map((example) => element("blockquote", { dir: "auto" }, example.text))));
  at("rising").replaceChildren(...(lines.length ? lines : [nothing()]));
}

const money = (cost) => Object.entries(cost).map(([currency, amount]) => new Intl.NumberFormat(state.language, { style: "currency", currency }).format(amount)).join(" + ");

function remedies({ remedies: items }) {
  const rows = items.map((item) => [named(item.group), word(`remedy_${item.remedy}`), String(item.times), money(item.cost) || "–", item.unpriced ? String(item.unpriced) : "–"]);
  at("remedies").replaceChildren(rows.length ? table(word("remedies"), [at("group").selectedOptions[0].textContent, ...["remedy", "times", "cost", "unpriced"].map((key) => word(key))], rows) : nothing());
}

function noticed({ items }) {
  const lines = items.map((item) => element("p", {}, element("time", { datetime: item.at, class: "quiet small" }, moment(item.at)), " ", ...TOLD[item.type](item)));
  at("notices").replaceChildren(...(lines.length ? lines : [nothing()]));
}

const risen = (item) => [word("notice_rising", { ...item, group: item.group_by === "intent" ? label("intents", item.group) : item.group })];
const drifted = (item) => [word("notice_drifted", { ...item, of: word(`drift_${item.of}`), stability_index: item.stability_index.toFixed(2) }), " ", element("a", { href: "/learning/drift" }, word("look_at_drift"))];

const due = (item) => [word("notice_dispute", { due: moment(item.due_by), step: word(`step_${item.step}`) })];
const TOLD = { "figures.rising": risen, "reading.drifted": drifted, "dispute.due": due };

function gap(item) {
  const told = word("gap_of", { n: item.messages, unanswered: item.unanswered, edited: item.edited });
  return element("div", { class: "gap" }, element("p", {}, element("strong", {}, Object.keys(item.intents).map((id) => label("intents", id)).join(", ")), ` ${told} · ${Object.keys(item.languages).join(" ")}`),
    item.examples.slice(0, 3).map((example) => element("blockquote", { dir: "auto", lang: example.language }, example.text)), item.proposal ? proposal(item.proposal) : null);
}

function proposal({ reply, letters, flaws }) {
  const [language, words] = Object.entries(reply.languages)[0];
  const take = element("button", { disabled: flaws.length > 0, onclick: () => takeOver(reply, take) }, word("take_over"));
  return element("details", {}, element("summary", {}, word("proposed", { n: letters })), Object.values(words.sentences).map((text) => element("p", { lang: language, dir: "auto" }, text)),
    flaws.map((flaw) => element("p", { class: "problem" }, `${flaw.pointer}: ${flaw.detail}`)), take);
}

async function takeOver(reply, button) {
  button.disabled = true;
  try {
    await call("POST", "/v1/replies", reply);
    button.textContent = word("taken_over");
  } catch (error) {
    button.disabled = false;
    explain(error);
  }
}

async function refresh() {
  const mine = ++asking;
  const to = new Date();
  const from = new Date(to - Number(at("days").value) * 86_400_000);
  const time = new URLSearchParams({ from: from.toISOString(), to: to.toISOString() });
  const asked = new URLSearchParams([...time, ["group_by", at("group").value]]);
  at("sheet").href = `/v1/analytics?${asked}&format=csv`;
  const [found, missing, told] = await Promise.all([call("GET", `/v1/analytics?${asked}`), call("GET", `/v1/knowledge/gaps?${time}`), call("GET", "/v1/notices")]);
  if (mine !== asking) return; // something else was chosen meanwhile: the older answer must not cover the newer one
  tiles(found);
  noticed(told);
  outcomes(found);
  rising(found);
  remedies(found);
  at("gaps").replaceChildren(...(missing.items.length ? missing.items.slice(0, SHOWN).map(gap) : [nothing()]));
}

async function show() {
  document.title = `${word("insights")} · Countersign`;
  if (state.person.role !== "ops") return at("insights").replaceChildren(element("p", { class: "notice" }, word("ops_only")));
  state.labels = await call("GET", `/v1/labels?language=${state.language}`);
  await refresh();
}

for (const id of ["days", "group"]) at(id).addEventListener("change", () => refresh().catch(explain));
start({ content: at("insights"), spoken: () => show().catch(explain) });
