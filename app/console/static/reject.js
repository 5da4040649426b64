// Why a draft is not right: one key, and corrections that classifiers learn from.
import { element } from "./dom.js";
import { state } from "./state.js";
import { word } from "./words.js";

const REASONS = ["wrong_intent", "wrong_facts", "wrong_tone", "wrong_language", "not_helpful", "policy", "other"];
const dialog = () => document.getElementById("reject-dialog");

export function askWhy(draft, reject) {
  const form = dialog().querySelector("form");
  form.reset();
  form.querySelector(".reasons").replaceChildren(...REASONS.map((reason, number) => element("button", { value: reason, "aria-keyshortcuts": number + 1 }, element("kbd", { "aria-hidden": "true" }, number + 1), word(reason))));
  choices(form.intent, state.labels.intents);
  choices(form.emotion, state.labels.emotions);
  dialog().returnValue = "";
  dialog().onclose = () => {
    const reason = dialog().returnValue;
    if (REASONS.includes(reason)) reject({ reason, note: form.note.value || null, intents: form.intent.value ? [form.intent.value] : null, emotion: form.emotion.value || null });
  };
  dialog().onkeydown = (event) => {
    const reason = REASONS[Number(event.key) - 1];
    if (!reason || event.isComposing || event.target.closest("input, textarea, select")) return;
    event.preventDefault();
    dialog().close(reason);
  };
  dialog().showModal();
}

function choices(select, names) {
  const sorted = Object.entries(names).sort(([, one], [, other]) => one.localeCompare(other, state.language));
  select.replaceChildren(element("option", { value: "" }, word("unchanged")), ...sorted.map(([id, name]) => element("option", { value: id }, name)));
}
