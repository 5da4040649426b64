// What is missing: what the draft asks the buyer for, and what only the agent can fill in.
import { element, section } from "./dom.js";
import { call } from "./server.js";
import { explain } from "./toast.js";
import { word } from "./words.js";

export function missing(draft, done) {
  const ours = draft.status === "pending" ? draft.missing.filter((item) => item.from === "agent") : [];
  const theirs = draft.missing.filter((item) => item.from === "buyer");
  return section(word("missing"), ours.length ? form(draft, ours, done) : null, theirs.length ? element("ul", { class: "plain-list quiet small" }, theirs.map((item) => element("li", {}, item.why))) : null);
}

function form(draft, wanted, done) {
  const fields = wanted.map((item) => element("label", {}, element("span", {}, item.why), element("input", { name: item.slot, required: true, maxlength: "2000", dir: "auto", autocomplete: "off" })));
  const node = element("form", { class: "fill" }, fields, element("button", { class: "primary" }, word("fill")));
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    call("POST", `/v1/drafts/${draft.id}/regenerate`, { slots: Object.fromEntries(new FormData(node).entries()) }).then(done).catch(explain);
  });
  return node;
}
