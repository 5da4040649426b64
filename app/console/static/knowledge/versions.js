// What was done to a reply, what a version changed, and the way back to it.
import { moment } from "../clock.js";
import { difference } from "../diff.js";
import { element } from "../dom.js";
import { button, sure } from "../press.js";
import { call } from "../server.js";
import { table } from "../table.js";
import { word } from "../words.js";

// `url(id, more)` is the reply's address; `restore(version)` brings one back.
export function history(reply, steps, url, restore) {
  const compared = element("div", { "aria-live": "polite" });
  const compare = async (version) => compared.replaceChildren(...changes(await call("GET", url(reply.id, `?version=${version}`)), reply));
  const rows = steps.map((step) => [String(step.version), word(`step_${step.action}`), step.by ?? word("shipped"), step.at ? moment(step.at) : "–",
    step.version === reply.version ? "" : element("div", { class: "row" }, button(word("compare_with", { version: step.version }), () => compare(step.version)), sure(word("restore", { version: step.version }), () => restore(step.version)))]);
  return element("details", { class: "part" }, element("summary", {}, word("versions")), table(word("versions"), ["version", "event", "agent", "time", "steps"].map((key) => word(key)), rows), compared);
}

// Word by word what differs between two versions of a reply, each place with its language and sentence.
function changes(before, after) {
  const [old, fresh] = [places(before), places(after)];
  const found = [...new Set([...Object.keys(old), ...Object.keys(fresh)])].filter((place) => old[place] !== fresh[place]);
  const title = element("h3", {}, word("differences_of", { before: before.version, after: after.version }));
  if (!found.length) return [title, element("p", { class: "quiet" }, word("no_differences"))];
  return [title, ...found.map((place) => {
    const language = place.split(" · ")[0] || "en";
    return element("div", { class: "gap" }, element("p", { class: "quiet small" }, place), element("p", { class: "diff", dir: "auto", lang: language }, difference(old[place] ?? "", fresh[place] ?? "", language)));
  })];
}

// Every text of a reply by its place, such as "de · on_its_way".
function places(reply) {
  const found = { " · when": reply.when.join(", "), " · techniques": reply.techniques.join(", ") };
  for (const sentence of reply.sentences) found[` · ${sentence.id} · if`] = [...sentence.if, ...sentence.needs, ...sentence.asks].join(", ");
  for (const [code, words] of Object.entries(reply.languages)) {
    for (const [id, text] of Object.entries(words.sentences)) found[`${code} · ${id}`] = text;
    for (const [region, sentences] of Object.entries(words.regions)) for (const [id, text] of Object.entries(sentences)) found[`${region} · ${id}`] = text;
    found[`${code} · ${word("questions")}`] = words.questions.join(" | ");
  }
  return found;
}
