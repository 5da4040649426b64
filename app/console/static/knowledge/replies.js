// The vetted replies: found by meaning, read, changed by sentence, vetted, and brought back from an earlier version.
import { moment } from "../clock.js";
import { element } from "../dom.js";
import { field, form, input, lines, linesOf, select } from "../form.js";
import { button, sure } from "../press.js";
import { call } from "../server.js";
import { state } from "../state.js";
import { table } from "../table.js";
import { explain, toast } from "../toast.js";
import { word } from "../words.js";
import { languageChoice, nearest } from "./hits.js";

const url = (id, more = "") => `/v1/replies/${encodeURIComponent(id)}${more}`;
const asked = () => decodeURIComponent(location.hash.slice(1));
let shown = null; // where the reply of the address is drawn

export async function showReplies(place) {
  const text = input("", { type: "search", maxlength: "2000", required: true });
  const language = await languageChoice();
  const found = element("div", { class: "stack", "aria-live": "polite" });
  shown = element("div", { class: "stack" });
  const send = async () => found.replaceChildren(await nearest(text.value, language.value));
  place.replaceChildren(form({ send, text: word("search") }, field(word("search"), "/query/q", text, word("insert_hint")), field(word("worded_in"), "/query/language", language)), found, shown);
  if (asked()) await open(asked(), state.language);
}

addEventListener("hashchange", () => shown && asked() && open(asked(), state.language).catch(explain));

async function open(id, language) {
  const [reply, versions] = await Promise.all([call("GET", url(id)), call("GET", url(id, "/versions"))]);
  const code = language in reply.languages ? language : Object.keys(reply.languages)[0];
  const title = element("h2", { tabindex: "-1" }, reply.id);
  shown.replaceChildren(title, about(reply), editor(reply, code), history(reply, versions.items, code));
  title.focus();
}

const change = (reply, path, body, language) => call("POST", url(reply.id, path), body, { "If-Match": `"${reply.version}"` }).then(() => {
  toast(word("saved"));
  return open(reply.id, language);
});

function about(reply) {
  const facts = [[word("status"), word(`reply_${reply.state}`)], [word("version"), String(reply.version)], [word("fits_when"), reply.when.join(", ") || "–"], [word("in_use_in"), Object.entries(reply.languages).filter(([, words]) => words.in_use !== null).map(([code]) => code).join(" ") || "–"]];
  return element("dl", { class: "facts part" }, facts.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
}

function editor(reply, code) {
  const words = reply.languages[code];
  const other = select(Object.fromEntries(Object.keys(reply.languages).map((one) => [one, one])), code, { onchange: () => open(reply.id, other.value).catch(explain) });
  const worded = reply.sentences.filter((sentence) => sentence.id in words.sentences);
  const areas = Object.fromEntries(worded.map((sentence) => [sentence.id, wide(words.sentences[sentence.id], code)]));
  const questions = lines(words.questions, { lang: code, dir: "auto" });
  const send = async () => {
    const sentences = Object.fromEntries(Object.entries(areas).map(([id, area]) => [id, area.value]));
    await call("PUT", url(reply.id), { ...reply, languages: { ...reply.languages, [code]: { ...words, sentences, questions: linesOf(questions) } } }, { "If-Match": `"${reply.version}"` });
    toast(word("saved_to_vet"));
    await open(reply.id, code);
  };
  const vet = words.vetting.vetted ? element("span", { class: "tag ready" }, word("vetted_by", { name: words.vetting.by })) : button(word("vet", { language: code }), () => change(reply, "/vet", { languages: [code] }, code));
  return form({ send, text: word("save") }, element("div", { class: "row spread" }, element("label", {}, word("language"), other), vet), element("p", { class: "quiet small" }, word("slots_hint")),
    ...worded.map((sentence) => field(sentence.id, `/languages/${code}/sentences/${sentence.id}`, areas[sentence.id], terms(sentence))), field(word("questions"), `/languages/${code}/questions`, questions, word("questions_hint")));
}

function wide(text, code) {
  const area = element("textarea", { rows: "2", lang: code, dir: "auto" });
  area.value = text;
  return area;
}

// Why a sentence stands in a letter or not: conditions, facts it needs, facts it asks for.
function terms(sentence) {
  const told = [["only_if", sentence.if], ["needs_facts", sentence.needs], ["asks_for", sentence.asks]].filter(([, values]) => values.length);
  return told.map(([key, values]) => word(key, { what: values.join(", ") })).join(" · ") || null;
}

function history(reply, steps, code) {
  const rows = steps.map((step) => [String(step.version), word(`step_${step.action}`), step.by ?? word("shipped"), step.at ? moment(step.at) : "–", step.version === reply.version ? "" : restore(reply, step.version, code)]);
  return element("details", {}, element("summary", {}, word("versions")), table(word("versions"), [word("version"), word("event"), word("agent"), word("time"), word("steps")], rows));
}

function restore(reply, version, code) {
  return sure(word("restore", { version }), () => change(reply, "/restore", { version }, code));
}
