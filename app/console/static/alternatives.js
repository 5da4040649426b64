// Other drafts of the same message: asked for by a person, looked at one by one, and signed like any draft.
import { element, section, slice } from "./dom.js";
import { call } from "./server.js";
import { state } from "./state.js";
import { explain } from "./toast.js";
import { word } from "./words.js";

export function alternatives(draft, actions) {
  if (draft.alternative_of) return section(word("alternatives"), element("p", {}, word(`approach_${draft.approach}_hint`)), element("button", { onclick: () => actions.choose(draft.alternative_of) }, word("back_to_first")));
  if (draft.alternatives.length) return section(word("alternatives"), list(draft, actions));
  if (draft.status !== "pending" || !draft.text) return null;
  return section(word("alternatives"), element("button", { onclick: actions.alternatives, "aria-keyshortcuts": "o" }, word("ask_alternatives"), element("kbd", { "aria-hidden": "true" }, "o")));
}

function list(draft, actions) {
  const node = element("ul", { class: "plain-list" });
  Promise.all(draft.alternatives.map((id) => call("GET", `/v1/drafts/${id}?agent_language=${state.language}`)))
    .then((found) => node.replaceChildren(...found.filter((one) => one.status !== "superseded").map((one) => element("li", {}, card(one, actions)))))
    .catch(explain);
  return node;
}

// The answer itself tells more than the salutation: the first sentence that is neither greeting nor regret.
function card(one, actions) {
  const told = one.gloss.segments.find((segment) => !["salutation", "empathy"].includes(one.segments[segment.of].kind)) ?? one.gloss.segments[0];
  return element("button", { class: "choice", onclick: () => actions.choose(one.id) }, element("strong", {}, word(`approach_${one.approach}`)), element("span", { class: "quiet small" }, word(one.verdict)), told ? element("span", { class: "small", dir: "auto" }, slice(one.gloss.text, told.span)) : null);
}
