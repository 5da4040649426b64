// Editing a reply: checks run as one types, the change is shown, and what must not go out cannot.
import { checkList } from "./checks.js";
import { difference } from "./diff.js";
import { direction, element, section } from "./dom.js";
import { insertPanel } from "./insert.js";
import { composing } from "./keys.js";
import { call } from "./server.js";
import { state } from "./state.js";
import { explain } from "./toast.js";
import { word } from "./words.js";

const CHECK_AFTER_MS = 350;

// `send(body)` signs; `leave()` shows the draft again.
export function editDraft(place, draft, send, leave) {
  const area = element("textarea", { class: "letter", lang: draft.language, dir: direction(draft.language), rows: "14", "aria-label": word("draft"), spellcheck: "true" });
  area.value = draft.text;
  const parts = { area, found: element("div", { "aria-live": "polite" }), count: element("span", { class: "quiet small" }), changes: element("div", { class: "letter changes", dir: direction(draft.language) }), override: overrule(() => send({ text: area.value, override: parts.override.querySelector("input").value })) };
  parts.send = element("button", { class: "primary", disabled: true, onclick: () => send({ text: area.value }) }, word("send_edited"), element("kbd", {}, "Ctrl ↵"));
  place.replaceChildren(section(word("draft"), area, parts.count), element("div", { class: "row actions" }, parts.send, element("button", { class: "plain", onclick: leave }, word("cancel"), element("kbd", {}, "Esc"))),
    section(word("checks"), parts.found, parts.override), section(word("changes"), parts.changes), insertPanel(area, draft.language.split("-")[0]));
  watch(parts, draft, leave);
  area.focus();
  area.setSelectionRange(0, 0);
  area.scrollTop = 0;
}

function watch(parts, draft, leave) {
  let timer;
  const look = () => check(parts, draft).catch(explain);
  parts.area.addEventListener("input", () => {
    parts.send.disabled = true;
    clearTimeout(timer);
    timer = setTimeout(look, CHECK_AFTER_MS);
  });
  parts.area.addEventListener("keydown", (event) => {
    if (composing(event)) return;
    if (event.key === "Escape") leave();
    if (event.key === "Enter" && event.ctrlKey && !parts.send.disabled) parts.send.click();
  });
  look();
}

async function check(parts, draft) {
  const text = parts.area.value;
  parts.count.textContent = word("characters", { n: [...text].length, max: draft.limits.max_chars });
  parts.count.classList.toggle("late", [...text].length > draft.limits.max_chars);
  const changed = difference(draft.text, text, draft.language);
  parts.changes.replaceChildren(...(text === draft.text ? [word("no_changes")] : changed));
  if (!text.trim()) return;
  const answer = await call("POST", "/v1/check", { text, draft_id: draft.id, language: draft.language, agent_language: state.language });
  if (text !== parts.area.value) return; // typed on meanwhile: a later answer comes
  parts.found.replaceChildren(checkList(answer.checks));
  parts.send.disabled = answer.outcome === "block";
  parts.override.hidden = answer.outcome !== "block" || state.person.role !== "ops";
}

function overrule(sign) {
  const form = element("form", { class: "row", hidden: true }, element("label", { class: "grow" }, element("span", {}, word("override")), element("input", { required: true, minlength: "3" })), element("button", { class: "danger" }, word("sign_anyway")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    sign();
  });
  return form;
}
