// The right column: the order, what is due, evidence, adjustments, alternatives.
import { alternatives } from "./alternatives.js";
import { due, moment } from "./clock.js";
import { element, section } from "./dom.js";
import { label } from "./state.js";
import { word } from "./words.js";

export function factsColumn(draft, actions) {
  return [order(draft), advice(draft), alternatives(draft, actions), evidence(draft), adjusted(draft)].filter(Boolean);
}

function order(draft) {
  const known = draft.message.order;
  const rows = known ? [["order_id", known.id], ["status_label", known.status], ["placed_at", known.placed_at && moment(known.placed_at)], ["shipped_at", known.shipped_at && moment(known.shipped_at)], ["delivered_at", known.delivered_at && moment(known.delivered_at)],
    ["eta", [known.eta_from, known.eta_to].filter(Boolean).map(moment).join(" – ")], ["carrier", known.carrier], ["tracking_number", known.tracking_number], ["total", known.total && `${known.total.amount} ${known.total.currency}`],
    ["items", known.items.map((item) => `${item.quantity} × ${item.title ?? item.sku ?? ""}`).join(", ")], ["protection_until", known.protection_until && moment(known.protection_until)], ["dispute", known.dispute?.kind]] : [];
  const told = rows.filter(([, value]) => value).flatMap(([name, value]) => [element("dt", {}, word(name)), element("dd", {}, element("bdi", {}, value))]);
  return section(word("order"), draft.status === "pending" ? due(draft.limits.answer_due) : null, told.length ? element("dl", { class: "facts" }, told) : element("p", { class: "quiet" }, word("no_order")));
}

function advice(draft) {
  return section(word("advice"), draft.advice.map((item) => element("div", { class: "note" }, element("p", {}, item.text), element("p", { class: "quiet small" }, item.why))));
}

function evidence(draft) {
  return section(word("found"), draft.evidence.map((item) => element("div", { class: "note" }, element("p", { dir: "auto" }, item.text), element("p", { class: "quiet small" }, `${label("intents", item.intent)} · ${item.reply_id} · ${item.score.toFixed(2)}`))));
}

function adjusted(draft) {
  return section(word("adjusted"), draft.adjustments.map((item) => element("p", { class: "small" }, element("bdi", {}, item.effect), `: ${item.reason}`)));
}
