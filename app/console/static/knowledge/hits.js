// The hit test: how a message is read, what a draft would say to it and from which replies, and which vetted wordings lie
// nearest to it, of every language or of one. Nothing of it is stored.
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
  const send = async () => found.replaceChildren(...(await Promise.all([tried(message.value), nearest(message.value, language.value)])).flat());
  place.replaceChildren(form({ send, text: word("try_message") }, field(word("buyer"), "/text", message), field(word("worded_in"), "/query/language", language)), found);
}

// Names of languages come from the browser; which ones there are, from a reply that always fits.
export async function languageChoice() {
  const codes = Object.keys((await call("GET", "/v1/replies?limit=1")).items[0]?.languages ?? {});
  const names = new Intl.DisplayNames([state.language], { type: "language" });
  return select({ "": word("any"), ...Object.fromEntries(codes.sort().map((code) => [code, names.of(code)])) }, "");
}

async function tried(text) {
  const { analysis, draft } = await call("POST", "/v1/messages", { text, agent_language: state.language, options: { dry_run: true } });
  return [understood(analysis), chosen(draft)];
}

// Each reply that speaks in the draft, with its own words there; those that were found and are not used follow.
function chosen(draft) {
  const spoken = draft.segments.filter((one) => one.source.type === "reply");
  const ids = [...new Set(spoken.map((one) => replyOf(one.source.id)))];
  const words = (id) => spoken.filter((one) => replyOf(one.source.id) === id).map((one) => draft.text.slice(...one.span).trim()).join(" ");
  const rows = ids.map((id) => [named({ reply_id: id }), word("is_chosen"), element("span", { lang: draft.language, dir: "auto" }, words(id))]);
  const passed = draft.evidence.filter((one) => !ids.includes(one.reply_id)).map((one) => [named(one), one.score.toFixed(3), element("span", { dir: "auto" }, one.text)]);
  return element("section", { class: "part" }, element("h2", {}, word("would_say")), element("p", {}, element("span", { class: "tag" }, word(draft.verdict)), " ", draft.reason ?? ""),
    table(word("would_say"), [word("draft"), word("score"), word("wording")], [...rows, ...passed]), element("p", { class: "quiet", dir: "auto" }, draft.gloss.text));
}

const replyOf = (sentence) => sentence.split(".").slice(0, -1).join(".");

function understood(found) {
  const facts = [[word("language"), `${found.language.code} ${percent(found.language.confidence)}`], [word("intent"), scored("intents", found.intents)], [word("emotion"), scored("emotions", [found.emotion])], [word("kind_conduct"), scored("conduct", found.conduct)]];
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
