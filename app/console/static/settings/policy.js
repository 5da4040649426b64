// What a site grants its buyers: its own values, beside those in force and where each of them comes from; for all markets or for one.
import { element } from "../dom.js";
import { field, input, select } from "../form.js";
import { call } from "../server.js";
import { explain } from "../toast.js";
import { word } from "../words.js";

const EVERYWHERE = "";

// `values()` is the whole policy as the form holds it; `turnTo(pointers)` shows the market of the first one.
export async function policyPart(site) {
  const policy = structuredClone(site.policy);
  const fields = element("div", { class: "fields" });
  const market = input("", { maxlength: "2", size: "2" });
  const choice = select({}, "", { onchange: () => show(choice.value).catch(explain) });
  const own = (code) => (code === EVERYWHERE ? policy : ((policy.by_market ??= {})[code] ??= {}));
  const show = async (code) => {
    choice.replaceChildren(...[EVERYWHERE, ...new Set([...Object.keys(policy.by_market ?? {}), code].filter(Boolean))].map((value) => element("option", { value, selected: value === code }, value || word("all_markets"))));
    fields.replaceChildren(...(await inForce(site, code)).map((value) => valueField(value, own(code), code)));
  };
  const add = element("button", { type: "button", onclick: () => /^[A-Za-z]{2}$/.test(market.value) && show(market.value.toUpperCase()).then(() => choice.focus(), explain) }, word("add_market"));
  await show(EVERYWHERE);
  const part = element("details", {}, element("summary", {}, element("h2", {}, word("policy_values"))), element("div", { class: "stack" }, element("p", { class: "quiet" }, word("policy_hint")),
    element("div", { class: "row ends" }, field(word("for_market"), "/policy/by_market", choice), field(word("another_market"), "/policy/other", market), add), fields));
  return { part, values: () => tidied(policy), turnTo: (pointers) => turn(part, pointers, show) };
}

async function inForce(site, code) {
  return (await call("GET", `/v1/sites/${site.id || "default"}/policy${code ? `?market=${code}` : ""}`)).items;
}

function valueField({ name, value, layer, source }, own, code) {
  const control = input(name in own ? written(own[name]) : "", { placeholder: shown(value) });
  control.addEventListener("input", () => {
    if (control.value.trim()) own[name] = read(control.value.trim());
    else delete own[name];
  });
  const from = [word("in_force", { value: shown(value) }), word(`layer_${layer.replaceAll(" ", "_")}`), source].filter(Boolean).join(" · ");
  return field(word(`policy_${name}`), `/policy/${code ? `by_market/${code}/` : ""}${name}`, control, from);
}

const shown = (value) => (value === null || value.length === 0 ? word("none") : written(value));
const written = (value) => (typeof value === "string" ? value : JSON.stringify(value));

// Numbers, yes and no, lists and tables are written as in JSON; everything else is a text.
function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function tidied({ by_market: markets = {}, ...values }) {
  const kept = Object.entries(markets).filter(([, own]) => Object.keys(own).length);
  return kept.length ? { ...values, by_market: Object.fromEntries(kept) } : values;
}

async function turn(part, pointers, show) {
  const first = pointers.find((pointer) => pointer.startsWith("/policy/"));
  if (!first) return;
  part.open = true;
  const [, , place, code] = first.split("/");
  await show(place === "by_market" ? code : EVERYWHERE);
}
