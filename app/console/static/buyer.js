// The left column: what the buyer wrote, how it was read, and what was said before.
import { element, section } from "./dom.js";
import { photos } from "./photos.js";
import { marked } from "./spans.js";
import { label } from "./state.js";
import { word } from "./words.js";

export function buyerColumn(draft, conversation) {
  return [message(draft), reading(draft), history(draft, conversation)].filter(Boolean);
}

function message(draft) {
  const { text, attachments, buyer } = draft.message;
  const intents = draft.analysis?.intents ?? [];
  const whole = [0, [...text].length];
  const marks = intents.map((intent, number) => ({ span: intent.span, name: `about about-${number % 3}`, title: label("intents", intent.id) }));
  const from = [buyer.name, buyer.country, draft.channel].filter(Boolean).join(" · ");
  return section(word("buyer"), element("p", { class: "quiet small" }, element("bdi", {}, from)),
    element("blockquote", { dir: "auto", class: "now" }, marked(text, whole, intents.length > 1 ? marks : [])),
    photos(attachments),
    element("p", { class: "gist" }, draft.gist));
}

function reading(draft) {
  const { analysis } = draft;
  if (!analysis) return null;
  const many = analysis.intents.length > 1;
  const intents = analysis.intents.map((intent, number) => element("li", {}, element("span", { class: many ? `about about-${number % 3}` : "" }, label("intents", intent.id)), element("span", { class: "quiet small" }, ` ${percent(intent.score)}`)));
  const flags = [analysis.emotion, ...analysis.conduct].map((item, number) => element("li", {}, label(number ? "conduct" : "emotions", item.id), element("span", { class: "quiet small" }, ` ${percent(item.score)}`)));
  const entities = analysis.entities.map((entity) => element("li", {}, element("bdi", {}, entity.value)));
  return section(word("understood"), analysis.abstained ? element("p", { class: "notice" }, word("unsure")) : null, element("ul", { class: "plain-list" }, intents, flags),
    entities.length ? [element("h4", {}, word("entities")), element("ul", { class: "plain-list small" }, entities)] : null);
}

function history(draft, conversation) {
  const earlier = draft.message.history.length ? draft.message.history : conversation.messages.filter((item) => item.id !== draft.message_id);
  return section(word("history"), earlier.map((item) => element("div", {}, element("blockquote", { class: item.from, dir: "auto" }, item.text), photos(item.attachments ?? []))));
}

function percent(score) {
  return new Intl.NumberFormat(document.documentElement.lang, { style: "percent" }).format(score);
}
