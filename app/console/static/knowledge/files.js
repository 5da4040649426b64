// Replies as whole files: taken out, and brought in after a look at what a file would change.
import { difference } from "../diff.js";
import { element } from "../dom.js";
import { field, form, input } from "../form.js";
import { button } from "../press.js";
import { call } from "../server.js";
import { table } from "../table.js";
import { toast } from "../toast.js";
import { word } from "../words.js";
import { languageChoice } from "./hits.js";

const FORMATS = { yaml: "yaml", yml: "yaml", jsonl: "jsonl", ndjson: "jsonl", csv: "csv" };

export async function showFiles(place) {
  place.replaceChildren(await taken(), brought());
}

async function taken() {
  const language = await languageChoice();
  const links = ["yaml", "jsonl", "csv"].map((format) => element("a", { download: true, "data-format": format }, format.toUpperCase()));
  const aim = () => links.forEach((link) => (link.href = `/v1/replies/export?${new URLSearchParams({ format: link.dataset.format, ...(language.value ? { language: language.value } : {}) })}`));
  language.addEventListener("change", aim);
  aim();
  return element("section", { class: "part" }, element("h2", {}, word("take_out")), element("div", { class: "row" }, element("label", {}, `${word("language")} `, language), ...links));
}

function brought() {
  const chosen = input("", { type: "file", accept: ".yaml,.yml,.jsonl,.ndjson,.csv", required: true });
  const found = element("div", { class: "stack", "aria-live": "polite" });
  const send = async () => {
    const file = chosen.files[0];
    if (!file) return chosen.focus();
    const would = await carry(file, { dry_run: true });
    found.replaceChildren(...told(would), ...(would.errors.length || !(would.added.length + would.changed.length) ? [] : [store(file, found)]));
  };
  return element("div", { class: "stack" }, form({ send, text: word("try_file") }, element("h2", {}, word("bring_in")), field(word("file"), "/file", chosen, word("file_hint"))), found);
}

// The words of a file are suggestions until somebody vets them.
function store(file, found) {
  return button(word("store_file"), async () => {
    const stored = await carry(file, {});
    toast(word("saved_to_vet"));
    found.replaceChildren(...told(stored));
  }, { class: "primary" });
}

function carry(file, more) {
  const format = FORMATS[file.name.split(".").at(-1).toLowerCase()] ?? "yaml";
  return call("POST", `/v1/replies/import?${new URLSearchParams({ format, ...more })}`, file, { "Content-Type": "text/plain" });
}

function told({ dry_run, added, changed, unchanged, errors }) {
  const title = element("h2", {}, word(dry_run ? "file_would" : "file_did", { added: added.length, changed: changed.length, unchanged }));
  const faults = errors.map((fault) => [String(fault.row), fault.id ?? "–", fault.pointer || "–", fault.detail]);
  const differences = changed.flatMap((one) => one.differences.map((item) => [element("a", { href: `/knowledge/replies#${encodeURIComponent(one.id)}` }, one.id), item.pointer, element("span", { class: "diff", dir: "auto" }, difference(shown(item.before), shown(item.after), "en"))]));
  return [title,
    errors.length ? element("section", {}, element("p", { class: "notice" }, word("file_faults", { n: errors.length })), table(word("file_faults", { n: errors.length }), ["row", "draft", "place", "what"].map((key) => word(key)), faults)) : "",
    added.length ? element("p", {}, `${word("new_replies")} ${added.join(", ")}`) : "",
    differences.length ? table(word("file_changes"), ["draft", "place", "file_changes"].map((key) => word(key)), differences) : ""];
}

const shown = (value) => (value === null ? "" : typeof value === "string" ? value : JSON.stringify(value));
