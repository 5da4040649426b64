// The reply with its gloss beside it: a sentence and its twin light up together and tell where they come from.
import { direction, element, slice } from "./dom.js";
import { marked } from "./spans.js";
import { word } from "./words.js";

export function letter(draft) {
  const source = element("p", { class: "quiet small source", "aria-live": "polite" }, word("source_hint"));
  const text = element("div", { class: "letter", lang: draft.language, dir: direction(draft.language), role: "listbox", "aria-label": word("draft") }, draft.segments.map((segment, number) => sentence(draft, segment, number)));
  if (!draft.segments.length || draft.edited) text.replaceChildren(element("span", { role: "option", tabindex: "0", "aria-selected": "false" }, draft.text));
  const other = draft.gloss.language !== draft.language.split("-")[0] && draft.gloss.segments.length;
  const gloss = other ? element("div", { class: "letter gloss", lang: draft.gloss.language, dir: direction(draft.gloss.language) }, draft.gloss.segments.map((segment) => element("span", { class: "piece", "data-of": segment.of }, slice(draft.gloss.text, segment.span)))) : null;
  const holder = element("div", {}, element("div", { class: other ? "pair" : "" }, element("div", {}, element("h4", {}, draft.language), text), other ? element("div", {}, element("h4", {}, word("gloss")), gloss) : null), source);
  const light = (of) => lit(holder, draft, source, of);
  holder.addEventListener("mouseover", (event) => light(event.target.closest("[data-of]")?.dataset.of));
  holder.addEventListener("mouseleave", () => light(undefined));
  holder.addEventListener("focusin", (event) => light(event.target.dataset.of));
  text.addEventListener("keydown", (event) => walk(event, text));
  return holder;
}

function sentence(draft, segment, number) {
  const slots = segment.slots.map((slot) => ({ span: slot.span, name: "slot", title: `${slot.name} ← ${slot.from}` }));
  const checks = draft.checks.filter((check) => check.status !== "pass" && check.span[1] > check.span[0]).map((check) => ({ span: check.span, name: `at-${check.status}`, title: check.detail }));
  return element("span", { class: `piece ${segment.kind}`, "data-of": number, role: "option", "aria-selected": "false", tabindex: number ? "-1" : "0" }, marked(draft.text, segment.span, [...slots, ...checks]));
}

function lit(holder, draft, source, of) {
  for (const node of holder.querySelectorAll(".piece")) {
    node.classList.toggle("lit", of !== undefined && node.dataset.of === of);
    if (node.role === "option") node.ariaSelected = String(of !== undefined && node.dataset.of === of);
  }
  const segment = draft.segments[of];
  source.textContent = segment ? [`${word("source")}: ${segment.source.id} v${segment.source.version}`, ...segment.slots.map((slot) => `${slot.name} ← ${slot.from}`)].join(" · ") : word("source_hint");
}

function walk(event, text) {
  const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  const pieces = [...text.querySelectorAll("[role=option]")];
  const next = pieces[pieces.indexOf(event.target) + by];
  if (!by || !next) return;
  event.preventDefault();
  event.target.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}
