// One draft with all that explains it, in three columns.
import { buyerColumn } from "./buyer.js";
import { checkList } from "./checks.js";
import { element, section } from "./dom.js";
import { factsColumn } from "./facts.js";
import { letter } from "./letter.js";
import { missing } from "./missing.js";
import { word } from "./words.js";

// `actions`: approve, edit, reject, regenerate, alternatives, claim, snooze, choose, reload.
export function showDraft(place, draft, conversation, actions) {
  place.replaceChildren(
    element("div", { class: "column side" }, buyerColumn(draft, conversation)),
    element("div", { class: "column middle" }, element("div", { id: "notice", role: "status" }), reply(draft), missing(draft, actions.reload) || "", element("div", { id: "work" }, section(word("checks"), checkList(draft.checks)), buttons(draft, actions))),
    element("div", { class: "column side" }, factsColumn(draft, actions)));
  place.scrollTop = 0;
}

export function approvable(draft) {
  return draft.status === "pending" && draft.text && !draft.checks.some((check) => check.status === "block");
}

export function notice(text, action) {
  const place = document.getElementById("notice");
  place?.replaceChildren(element("div", { class: "notice row" }, element("span", {}, text), action ? element("button", { onclick: action.run }, action.label) : ""));
}

function reply(draft) {
  const confidence = new Intl.NumberFormat(document.documentElement.lang, { style: "percent" }).format(draft.confidence);
  return element("section", { class: "part", id: "reply" }, element("div", { class: "row spread" }, element("div", { class: "row" }, element("h2", { tabindex: "-1" }, word("draft")), draft.approach ? element("span", { class: "tag ready" }, word(`approach_${draft.approach}`)) : null), element("span", { class: "quiet small" }, `${word("confidence")} ${confidence}`)),
    draft.reason ? element("p", { class: "notice" }, draft.reason) : null, draft.text ? letter(draft) : element("p", { class: "quiet" }, word(draft.verdict)));
}

function buttons(draft, actions) {
  if (draft.status !== "pending") return element("p", { class: "quiet" }, [word(draft.status), draft.approved_by].filter(Boolean).join(" · "));
  const button = (name, text, key, extra = {}) => element("button", { onclick: actions[name], "aria-keyshortcuts": key, ...extra }, text, element("kbd", { "aria-hidden": "true" }, key));
  return element("div", { class: "row actions dock" },
    button("approve", word("approve"), "a", { class: "primary", disabled: !approvable(draft) }), button("edit", word(draft.text ? "edit" : "write"), "e"), button("reject", word("reject"), "r", { class: "danger" }),
    element("span", { class: "grow" }), button("regenerate", word("regenerate"), "g", { class: "plain" }), button("claim", word(draft.claimed_by ? "release" : "claim"), "c", { class: "plain" }), button("snooze", word("snooze"), "s", { class: "plain" }));
}
