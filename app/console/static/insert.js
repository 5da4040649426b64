// A vetted reply or a phrase, found by meaning, put into the text where the cursor stands.
import { element } from "./dom.js";
import { call } from "./server.js";
import { label, state } from "./state.js";
import { explain } from "./toast.js";
import { word } from "./words.js";

const FOUND = 6;
const SEARCH_AFTER_MS = 300;

export function insertPanel(area, language) {
  const found = element("ul", { class: "plain-list", "aria-live": "polite" });
  const field = element("input", { type: "search", "aria-label": word("insert"), placeholder: word("insert_hint"), maxlength: "300" });
  let timer;
  field.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (!event.isComposing) timer = setTimeout(() => search(field.value.trim(), language, area, found).catch(explain), SEARCH_AFTER_MS);
  });
  return element("details", { class: "part" }, element("summary", {}, word("insert")), field, found);
}

async function search(text, language, area, found) {
  if (!text) return found.replaceChildren();
  const [replies, phrases] = await Promise.all([foundReplies(text, language), call("GET", `/v1/phrases/search?${new URLSearchParams({ q: text, language, agent_language: state.language, k: FOUND })}`)]);
  const choices = [...replies.map((reply) => fromReply(reply, language)), ...phrases.items.map(fromPhrase)].sort((one, other) => other.score - one.score).slice(0, FOUND);
  found.replaceChildren(...(choices.length ? choices.map((one) => choice(one, area)) : [element("li", { class: "quiet" }, word("nothing_found"))]));
}

async function foundReplies(text, language) {
  const hits = (await call("GET", `/v1/replies/search?${new URLSearchParams({ q: text, language, k: FOUND })}`)).items;
  const best = [...new Map(hits.map((hit) => [hit.reply_id, hit])).values()];
  return Promise.all(best.map(async (hit) => ({ ...(await call("GET", `/v1/replies/${hit.reply_id}`)), score: hit.score })));
}

function fromReply(reply, language) {
  const words = (code) => reply.sentences.map((sentence) => reply.languages[code]?.sentences[sentence.id]).filter(Boolean).join(" ");
  return { kind: label("intents", reply.intent), text: words(language), gloss: words(state.language), score: reply.score };
}

const fromPhrase = (phrase) => ({ ...phrase, kind: word("phrase") });

function choice({ kind, text, gloss }, area) {
  return element("li", {}, element("button", { class: "choice", dir: "auto", onclick: () => put(area, text) }, element("span", { class: "quiet small" }, kind), element("span", {}, text), gloss && gloss !== text ? element("span", { class: "quiet small", dir: "auto" }, gloss) : null));
}

function put(area, text) {
  area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input"));
  area.focus();
}
