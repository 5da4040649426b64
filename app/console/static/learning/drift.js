// Whether messages are read differently than before, by language.
import { element } from "../dom.js";
import { call } from "../server.js";
import { label, state } from "../state.js";
import { table } from "../table.js";
import { word } from "../words.js";

const MOST = 3; // labels that a line names

export async function showDrift(place) {
  const [labels, found] = await Promise.all([call("GET", `/v1/labels?language=${state.language}`), call("GET", "/v1/models/drift")]);
  state.labels = labels;
  const moved = new Set(found.moved.map(name));
  const rows = found.comparisons.map((one) => [name(one), mark(moved.has(name(one))), one.stability_index.toFixed(3), one.chance.toFixed(4), changes(one)]);
  const sure = Object.entries(found.confidence).map(([language, value]) => [language, value.toFixed(2)]);
  place.replaceChildren(element("p", { class: moved.size ? "notice" : "quiet", role: "status" }, word(moved.size ? "drift_moved" : "drift_still", { n: moved.size })),
    rows.length ? table(word("drift_title"), [word("compared"), word("status"), word("stability_index"), word("chance"), word("what_changed")], rows) : element("p", { class: "quiet part" }, word("drift_too_few")),
    sure.length ? table(word("confidence"), [word("language"), word("mean_confidence")], sure) : "");
}

const name = (one) => `${one.language} · ${word(`drift_${one.of}`)}`;
const mark = (moved) => element("span", { class: moved ? "tag urgent" : "tag" }, word(moved ? "moved" : "unmoved"));

function changes({ now, before }) {
  const total = (counts) => Object.values(counts).reduce((sum, count) => sum + count, 0);
  const share = (counts, id) => (counts[id] ?? 0) / total(counts);
  const moves = Object.keys(now).map((id) => ({ id, by: share(now, id) - share(before, id) })).sort((one, other) => Math.abs(other.by) - Math.abs(one.by));
  return moves.slice(0, MOST).map(({ id, by }) => `${named(id)} ${by < 0 ? "−" : "+"}${Math.round(Math.abs(by) * 100)} %`).join(", ");
}

const named = (id) => (["abstained", "answered"].includes(id) ? word(`drift_${id}`) : label("intents", id));
