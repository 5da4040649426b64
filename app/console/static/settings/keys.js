// Keys: by role and scopes, shown once, changed for another, ended.
import { moment } from "../clock.js";
import { element } from "../dom.js";
import { field, form, input, select, ticked, ticks } from "../form.js";
import { button, secretOnce, sure } from "../press.js";
import { call } from "../server.js";
import { table } from "../table.js";
import { word } from "../words.js";

const SCOPES = ["messages", "analyze", "drafts", "products", "order_events", "knowledge", "metrics"];
const ROLES = ["integration", "agent", "ops"];
const GRACE_HOURS = { 0: "at_once", 24: "in_a_day", 168: "in_a_week" };

export async function showKeys(place, secret = null) {
  const keys = (await call("GET", "/v1/keys")).items;
  const again = (made) => showKeys(place, made);
  place.replaceChildren(secret ? secretOnce(word("secret_of", { name: secret.name }), secret.secret) : "", create(again), list(keys, again));
  place.querySelector(".secret input")?.focus();
}

function create(again) {
  const name = input("", { maxlength: "100", required: true });
  const role = select(Object.fromEntries(ROLES.map((key) => [key, word(`role_${key}`)])), "integration");
  const scopes = ticks(word("scopes"), "scopes", Object.fromEntries(SCOPES.map((key) => [key, word(`scope_${key}`)])), ["messages", "drafts"]);
  role.addEventListener("change", () => (scopes.hidden = role.value !== "integration"));
  const send = async (node) => again(await call("POST", "/v1/keys", { name: name.value, role: role.value, scopes: role.value === "integration" ? ticked(node, "scopes") : [] }));
  return form({ send, text: word("make_key") }, element("h2", {}, word("new_key")), element("div", { class: "fields" }, field(word("called"), "/name", name), field(word("role"), "/role", role)), scopes);
}

function list(keys, again) {
  const rows = keys.map((key) => [key.name, word(`role_${key.role}`), key.scopes.map((scope) => word(`scope_${scope}`)).join(", ") || null, element("code", {}, `${key.prefix}…`), key.last_used_at ? moment(key.last_used_at) : word("never"), steps(key, again)]);
  return table(word("keys_title"), [word("called"), word("role"), word("scopes"), word("begins_with"), word("last_used"), word("steps")], rows);
}

function steps(key, again) {
  if (key.revoked_at) return element("span", { class: "quiet" }, word(Date.parse(key.revoked_at) > Date.now() ? "ends_at" : "ended_at", { time: moment(key.revoked_at) }));
  const grace = select(Object.fromEntries(Object.entries(GRACE_HOURS).map(([hours, name]) => [hours, word(name)])), "24", { "aria-label": word("old_one_ends") });
  return element("div", { class: "row" }, grace, button(word("rotate"), async () => again(await call("POST", `/v1/keys/${key.id}/rotate`, { grace_hours: Number(grace.value) }))),
    sure(word("revoke"), async () => {
      await call("DELETE", `/v1/keys/${key.id}`);
      await again(null);
    }));
}
