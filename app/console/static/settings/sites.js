// Sites: one chosen, its form, its keys and the line for the shop's pages.
import { element } from "../dom.js";
import { field, form, input, lines, linesOf, select, ticked, ticks } from "../form.js";
import { button, copyable, secretOnce, sure } from "../press.js";
import { call } from "../server.js";
import { toast } from "../toast.js";
import { word } from "../words.js";
import { policyPart } from "./policy.js";

const NEW = { id: "", version: 0, name: "", signature: null, timezone: Intl.DateTimeFormat().resolvedOptions().timeZone, country: "CN", weekend: [5, 6], working_hours: null, agent_language: "en", undo_seconds: null, channels: [], widget_origins: [], order_source: null, policy: {} };
const MONDAY = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;

export async function showSites(place, chosen = null) {
  const sites = (await call("GET", "/v1/sites")).items;
  const languages = await call("GET", "/console-languages");
  const site = chosen === "" ? NEW : (sites.find((one) => one.id === chosen) ?? sites.find((one) => one.id === "default") ?? sites[0] ?? NEW);
  const again = (id) => showSites(place, id);
  const choice = select({ ...Object.fromEntries(sites.map((one) => [one.id, `${one.name} (${one.id})`])), "": word("new_site") }, site.id, { "aria-label": word("site"), onchange: () => again(choice.value) });
  place.replaceChildren(element("div", { class: "row" }, choice, element("span", { class: "quiet small" }, site.version ? word("version_by", { n: site.version, who: site.updated_by ?? word("shipped") }) : "")), await siteForm(site, languages, again), site.id ? keysPart(site) : "");
}

async function siteForm(site, languages, again) {
  const controls = controlsOf(site, languages);
  const policy = await policyPart(site);
  const send = async (node) => {
    const id = site.id || controls.id.value.trim();
    const saved = await call("PUT", `/v1/sites/${encodeURIComponent(id)}`, { ...site, ...valuesOf(node, controls), policy: policy.values() }, { "If-Match": `"${site.version}"` });
    toast(word("saved"));
    await again(saved.id);
  };
  return form({ send, text: word("save"), turnTo: policy.turnTo }, ...identity(site, controls), ...hours(site, controls), ...reach(controls), policy.part);
}

function controlsOf(site, languages) {
  return {
    id: input(site.id, { required: true, pattern: "[a-z0-9][a-z0-9_-]*" }), name: input(site.name, { required: true, maxlength: "100" }), signature: input(site.signature, { maxlength: "100" }), country: input(site.country, { required: true, maxlength: "2" }),
    agent_language: select({ [site.agent_language]: site.agent_language, ...languages }, site.agent_language), timezone: select(zones(site.timezone), site.timezone),
    opens: input(site.working_hours?.opens.slice(0, 5), { type: "time" }), closes: input(site.working_hours?.closes.slice(0, 5), { type: "time" }), undo_seconds: input(site.undo_seconds, { type: "number", min: "0", max: "300" }),
    channels: lines(site.channels), widget_origins: lines(site.widget_origins, { placeholder: "https://shop.example.com" }), order_source: input(site.order_source, { type: "url" }),
  };
}

function valuesOf(node, controls) {
  const text = (name) => controls[name].value.trim();
  return {
    name: text("name"), signature: text("signature") || null, country: text("country").toUpperCase(), agent_language: text("agent_language"), timezone: text("timezone"), weekend: ticked(node, "weekend").map(Number),
    working_hours: text("opens") || text("closes") ? { opens: text("opens") || null, closes: text("closes") || null } : null, undo_seconds: text("undo_seconds") ? Number(text("undo_seconds")) : null,
    channels: linesOf(controls.channels), widget_origins: linesOf(controls.widget_origins), order_source: text("order_source") || null,
  };
}

function identity(site, controls) {
  return [element("h2", {}, word("the_shop")), element("div", { class: "fields" }, site.id ? null : field(word("site_id"), "/path/site", controls.id, word("site_id_hint")), field(word("called"), "/name", controls.name), field(word("signature"), "/signature", controls.signature, word("signature_hint")),
    field(word("country"), "/country", controls.country, word("country_hint")), field(word("agent_language"), "/agent_language", controls.agent_language))];
}

function hours(site, controls) {
  const days = Object.fromEntries(Array.from({ length: 7 }, (_, day) => [String(day), new Intl.DateTimeFormat(document.documentElement.lang, { weekday: "short", timeZone: "UTC" }).format(MONDAY + day * DAY_MS)]));
  return [element("h2", {}, word("working_time")), element("div", { class: "fields" }, field(word("timezone"), "/timezone", controls.timezone), field(word("opens"), "/working_hours", controls.opens), field(word("closes"), "/working_hours/closes", controls.closes),
    field(word("undo_seconds"), "/undo_seconds", controls.undo_seconds, word("undo_seconds_hint"))), ticks(word("weekend"), "weekend", days, site.weekend.map(String))];
}

function reach(controls) {
  return [element("h2", {}, word("where_messages_come_from")), element("div", { class: "fields" }, field(word("channels"), "/channels", controls.channels, word("channels_hint")), field(word("widget_origins"), "/widget_origins", controls.widget_origins, word("widget_origins_hint")), field(word("order_source"), "/order_source", controls.order_source, word("order_source_hint")))];
}

function zones(known) {
  return Object.fromEntries([...new Set([known, "UTC", ...Intl.supportedValuesOf("timeZone")])].map((zone) => [zone, zone]));
}

function keysPart(site) {
  const snippet = element("div", {});
  const secret = element("div", {});
  const draw = (key) => snippet.replaceChildren(copyable(word("snippet"), `<script src="${location.origin}/widget.js" data-site-key="${key}" async></script>`));
  draw(site.publishable_key);
  const turnKey = sure(word("turn_key"), async () => draw((await call("POST", `/v1/sites/${site.id}/publishable-key`)).publishable_key));
  const turnSecret = async () => {
    const made = await call("POST", `/v1/sites/${site.id}/identity-secret`);
    secret.replaceChildren(secretOnce(word("identity_secret"), made.identity_secret));
    secret.querySelector("input").focus();
  };
  const vouch = site.has_identity_secret ? sure(word("turn_secret"), turnSecret) : button(word("make_secret"), turnSecret);
  return element("section", { class: "part", "aria-labelledby": "chat-title" }, element("h2", { id: "chat-title" }, word("chat_on_pages")), element("p", { class: "quiet" }, word("snippet_hint")), snippet, element("div", { class: "row" }, turnKey), element("p", { class: "quiet" }, word("identity_hint")), element("div", { class: "row" }, vouch), secret);
}
