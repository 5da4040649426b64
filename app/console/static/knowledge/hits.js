// The hit test: how a message is read, and which vetted wordings lie nearest to it, of every language or of one.
import { element } from "../dom.js";
import { field, form, select } from "../form.js";
import { call } from "../server.js";
import { label, state } from "../state.js";
import { table } from "../table.js";
import { word } from "../words.js";

const FOUND = 12;
const percent = (score) => `${Math.round(score * 100)} %`;
const scored = (kind, labels) => labels.map((one) => `${label(kind, one.id)} ${percent(one.score)}`).join(", ") || "–";

export async function showHits(place) {
  state.labels = await call("GET", `/v1/labels?language=${state.language}`);
  const message = element("textarea", { rows: "4", maxlength: "2000", dir: "auto", required: true });
  const language = await languageChoice();
  const found = element("div", { class: "stack", "aria-live": "polite" });
  const send = async () => found.replaceChildren(...(await Promise.all([read(message.value), nearest(message.value, language.value)])));
  place.replaceChildren(form({ send, text: word("try_message") }, field(word("buyer"), "/text", message), field(word("worded_in"), "/query/language", language)), found);
}

// Names of languages come from the browser; which ones there are, from a reply that always fits.
export async function languageChoice() {
  const codes = Object.keys((await call("GET", "/v1/replies?limit=1")).items[0]?.languages ?? {});
  const names = new Intl.DisplayNames([state.language], { type: "language" });
  return select({ "": word("any"), ...Object.fromEntries(codes.sort().map((code) => [code, names.of(code)])) }, "");
}

async function read(text) {
  const found = await call("POST", "/v1/analyze", { text });
  const facts = [[word("language"), `${found.language.code} ${percent(found.language.score)}`], [word("intent"), scored("intents", found.intents)], [word("emotion"), scored("emotions", [found.emotion])], [word("kind_conduct"), scored("conduct", found.conduct)]];
  return element("section", { class: "part" }, element("h2", {}, word("understood")), element("dl", { class: "facts" }, facts.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)])));
}

export async function nearest(text, language) {
  const asked = new URLSearchParams({ q: text, k: FOUND, ...(language ? { language } : {}) });
  const { items } = await call("GET", `/v1/replies/search?${asked}`);
  const rows = items.map((hit) => [named(hit), hit.score.toFixed(3), hit.language, word(`hit_${hit.kind}`), element("span", { lang: hit.language, dir: "auto" }, hit.text)]);
  return rows.length ? table(word("hits_title"), [word("draft"), word("score"), word("language"), word("found_by"), word("wording")], rows) : element("p", { class: "quiet" }, word("nothing_found"));
}

// Wordings of special requests are part of no reply: there is nothing to open.
const named = (hit) => (hit.kind === "request" ? hit.reply_id : element("a", { href: `/knowledge/replies#${encodeURIComponent(hit.reply_id)}` }, hit.reply_id));
