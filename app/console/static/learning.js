// The page of learning: corrections that wait for a second decision, the versions of what reads messages, and whether the readings moved.
import { element } from "./dom.js";
import { call } from "./server.js";
import { start } from "./shell.js";
import { label, state } from "./state.js";
import { table } from "./table.js";
import { explain, toast } from "./toast.js";
import { word } from "./words.js";

const at = (id) => document.getElementById(id);
const MOVES_SHOWN = 3;
const ASK_AGAIN_MS = 2000; // how often the progress of a training is asked for
const share = (value) => (value === null || value === undefined ? "–" : `${(value * 100).toFixed(1)} %`);
const nothing = () => element("p", { class: "quiet" }, word("nothing_found"));

// --- corrections ------------------------------------------------------------------------------------------------------

const READ = { intents: "intents", emotion: "emotions", conduct: "conduct" };

function named(kind, value) {
  if (value === null || value === undefined) return null;
  const ids = [value].flat();
  return ids.length ? ids.map((id) => (READ[kind] ? label(READ[kind], id) : id)).join(", ") : word("none_of_these");
}

function change(item, kind) {
  const really = named(kind, item.corrected[kind]);
  return really === null ? null : element("p", {}, element("span", { class: "quiet" }, `${named(kind, item.predicted[kind]) ?? "–"} → `), element("strong", {}, really));
}

function correction(item) {
  const decide = (verb) => async () => {
    await call("POST", `/v1/corrections/${encodeURIComponent(item.id)}/${verb}`);
    await showCorrections();
    at("corrections").querySelector("button")?.focus();
  };
  return element("div", { class: "gap" }, element("blockquote", { dir: "auto", lang: item.predicted.language }, item.text), ["intents", "emotion", "conduct", "language"].map((kind) => change(item, kind)),
    element("p", { class: "quiet small" }, word("corrected_by", { name: item.by, time: new Date(item.at).toLocaleString(state.language) })),
    element("div", { class: "row" }, button("accept", decide("accept"), "primary"), button("refuse", decide("refuse"))));
}

async function showCorrections() {
  const { items } = await call("GET", "/v1/corrections?state=proposed");
  at("corrections").replaceChildren(...(items.length ? items.map(correction) : [nothing()]));
}

function button(key, act, style = "") {
  const node = element("button", { class: style, onclick: async () => {
    node.disabled = true;
    try {
      await act(node);
    } catch (error) {
      explain(error);
    }
    node.disabled = false;
  } }, word(key));
  return node;
}

// --- versions ---------------------------------------------------------------------------------------------------------

function model({ kind, serving, versions }) {
  const beside = element("div", { "aria-live": "polite" });
  const rows = versions.toReversed().map((card) => [element("span", {}, card.version, card.version === serving ? element("strong", {}, ` ${word("in_use")}`) : ""), new Date(card.trained_at).toLocaleString(state.language),
    String(card.examples), share(card.metrics?.accuracy?.rate), share(card.metrics?.macro_f1), card.version === serving ? "" : actions(kind, card.version, beside)]);
  const heads = ["version", "trained_on_day", "examples", "right_first", "macro_f1"].map((key) => word(key));
  return element("div", { class: "gap" }, element("h3", {}, word(`kind_${kind}`)), table(word(`kind_${kind}`), [...heads, ""], rows), element("div", { class: "row" }, button("train", () => train(kind, beside)), button("roll_back", () => rollBack(kind))), beside);
}

function actions(kind, version, beside) {
  return element("span", { class: "row" }, button("compare", () => compare(kind, version, beside)), button("promote", () => promote(kind, version)));
}

async function compare(kind, version, beside) {
  beside.replaceChildren(element("p", { class: "quiet" }, word("comparing")));
  const { languages } = await call("GET", `/v1/models/${kind}/${version}/compare`);
  const rows = Object.entries(languages).map(([language, found]) => [language, share(found.serving), share(found.new), found.worse ? element("strong", {}, word("worse")) : ""]);
  beside.replaceChildren(table(word("compare"), [word("language"), word("in_use"), version, ""], rows));
}

async function promote(kind, version) {
  const override = prompt(word("promote_reason"));
  if (override === null) return;
  await call("POST", `/v1/models/${kind}/${version}/promote`, override.trim() ? { override: override.trim() } : {});
  toast(word("promoted_toast", { version }));
  await showModels();
}

async function rollBack(kind) {
  const { serving } = await call("POST", `/v1/models/${kind}/rollback`);
  toast(word("promoted_toast", { version: serving }));
  await showModels();
}

async function train(kind, beside) {
  const { id } = await call("POST", `/v1/models/${kind}/train`);
  for (;;) {
    const job = await call("GET", `/v1/jobs/${encodeURIComponent(id)}`);
    if (job.state === "done") break;
    if (job.state === "dead") return beside.replaceChildren(element("p", { class: "problem" }, job.error ?? word("failed")));
    beside.replaceChildren(element("label", {}, `${word("training")} ${job.progress?.step ?? ""} `, element("progress", { max: "1", value: String(job.progress?.share ?? 0) })));
    await new Promise((resolve) => { setTimeout(resolve, ASK_AGAIN_MS); });
  }
  await showModels();
}

async function showModels() {
  const { items } = await call("GET", "/v1/models");
  at("models").replaceChildren(...items.map(model));
}

// The labels whose share moved most, as "before → now".
function moves({ now, before }) {
  const total = (counts) => Math.max(1, Object.values(counts).reduce((sum, count) => sum + count, 0));
  const [after, earlier] = [total(now), total(before)];
  const found = Object.keys({ ...before, ...now }).map((id) => ({ id, was: (before[id] ?? 0) / earlier, is: (now[id] ?? 0) / after }));
  found.sort((one, other) => Math.abs(other.is - other.was) - Math.abs(one.is - one.was));
  return found.slice(0, MOVES_SHOWN).map(({ id, was, is }) => `${label("intents", id)} ${share(was)} → ${share(is)}`).join("; ");
}

async function showDrift() {
  const { moved } = await call("GET", "/v1/models/drift");
  const rows = moved.map((one) => [one.language, moves(one), one.stability_index.toFixed(2)]);
  at("drift").replaceChildren(rows.length ? table(word("drift"), [word("language"), word("moves"), word("stability")], rows) : nothing());
}

async function show() {
  document.title = `${word("learning")} · Countersign`;
  state.labels = await call("GET", `/v1/labels?language=${state.language}`);
  const ops = state.person.role === "ops";
  for (const id of ["models-part", "drift-part"]) at(id).hidden = !ops;
  await Promise.all([showCorrections(), ...(ops ? [showModels(), showDrift()] : [])]);
}

start({ content: at("learning"), spoken: () => show().catch(explain) });
