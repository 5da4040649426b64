// The vetted replies: found by meaning or in a list, read beside another language, changed by sentence, vetted, retired, and brought back.
import { element } from "../dom.js";
import { field, form, input, lines, linesOf, select } from "../form.js";
import { button, sure } from "../press.js";
import { call } from "../server.js";
import { state } from "../state.js";
import { explain, toast } from "../toast.js";
import { word } from "../words.js";
import { browse } from "./browse.js";
import { languageChoice, nearest } from "./hits.js";
import { history } from "./versions.js";

const url = (id, more = "") => `/v1/replies/${encodeURIComponent(id)}${more}`;
const asked = () => decodeURIComponent(location.hash.slice(1));
let shown = null; // where the reply of the address is drawn
let beside = ""; // the language that is read beside the one that is changed

export async function showReplies(place) {
  const text = input("", { type: "search", maxlength: "2000", required: true });
  const language = await languageChoice();
  const found = element("div", { class: "stack", "aria-live": "polite" });
  shown = element("div", { class: "stack" });
  const send = async () => found.replaceChildren(await nearest(text.value, language.value));
  place.replaceChildren(form({ send, text: word("search") }, field(word("search"), "/query/q", text, word("insert_hint")), field(word("worded_in"), "/query/language", language)), found, await browse(), shown);
  if (asked()) await open(asked(), state.language);
}

addEventListener("hashchange", () => shown && asked() && open(asked(), state.language).catch(explain));

async function open(id, language) {
  const [reply, versions] = await Promise.all([call("GET", url(id)), call("GET", url(id, "/versions"))]);
  const code = language in reply.languages ? language : Object.keys(reply.languages)[0];
  const title = element("h2", { tabindex: "-1" }, reply.id);
  shown.replaceChildren(title, about(reply), editor(reply, code), history(reply, versions.items, url, (version) => change(reply, "/restore", { version }, code)));
  title.focus();
}

const change = (reply, path, body, language) => call("POST", url(reply.id, path), body, { "If-Match": `"${reply.version}"` }).then(() => {
  toast(word("saved"));
  return open(reply.id, language);
});

function about(reply) {
  const facts = [[word("status"), word(`reply_${reply.state}`)], [word("version"), String(reply.version)], [word("fits_when"), reply.when.join(", ") || "–"], [word("in_use_in"), Object.entries(reply.languages).filter(([, words]) => words.in_use !== null).map(([code]) => code).join(" ") || "–"]];
  const told = element("dl", { class: "facts" }, facts.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
  return element("section", { class: "part" }, told, reply.state === "retired" || reply.fallback ? "" : element("div", { class: "row" }, sure(word("retire"), () => retire(reply))));
}

const retire = (reply) => call("DELETE", url(reply.id), undefined, { "If-Match": `"${reply.version}"` }).then(() => {
  toast(word("retired_now"));
  return open(reply.id, state.language);
});

function editor(reply, code) {
  const words = reply.languages[code];
  const codes = Object.fromEntries(Object.keys(reply.languages).map((one) => [one, one]));
  const other = select(codes, code, { onchange: () => open(reply.id, other.value).catch(explain) });
  const compared = select({ "": "–", ...codes }, beside in codes ? beside : "", { onchange: () => reread(compared.value) });
  const reread = (chosen) => {
    beside = chosen;
    open(reply.id, code).catch(explain);
  };
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
  return form({ send, text: word("save") }, element("div", { class: "row spread" }, element("label", {}, word("language"), other), element("label", {}, word("beside"), compared), vet), element("p", { class: "quiet small" }, word("slots_hint")),
    ...worded.map((sentence) => pair(field(sentence.id, `/languages/${code}/sentences/${sentence.id}`, areas[sentence.id], terms(sentence)), reply.languages[beside]?.sentences[sentence.id])), field(word("questions"), `/languages/${code}/questions`, questions, word("questions_hint")));
}

// A sentence with the other language's beside it; what that one lacks is said.
function pair(own, other) {
  if (!beside) return own;
  return element("div", { class: "pair" }, own, element("p", { class: other ? "quiet" : "problem", lang: beside, dir: "auto" }, other ?? word("not_worded", { language: beside })));
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
