// A vetted reply, found by meaning, put into the text where the cursor stands.
import { element } from "./dom.js";
import { call } from "./server.js";
import { label } from "./state.js";
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
  const hits = (await call("GET", `/v1/replies/search?${new URLSearchParams({ q: text, language, k: FOUND })}`)).items;
  const ids = [...new Set(hits.map((hit) => hit.reply_id))];
  const replies = await Promise.all(ids.map((id) => call("GET", `/v1/replies/${id}?language=${language}`)));
  found.replaceChildren(...(replies.length ? replies.map((reply) => choice(reply, language, area)) : [element("li", { class: "quiet" }, word("nothing_found"))]));
}

function choice(reply, language, area) {
  const words = reply.sentences.map((sentence) => reply.languages[language].sentences[sentence.id]).filter(Boolean).join(" ");
  return element("li", {}, element("button", { class: "choice", dir: "auto", onclick: () => put(area, words) }, element("span", { class: "quiet small" }, label("intents", reply.intent)), element("span", {}, words)));
}

function put(area, text) {
  area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input"));
  area.focus();
}
