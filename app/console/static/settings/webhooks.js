// Webhooks: which address is told what, each delivery with its answer, and sending one again.
import { moment } from "../clock.js";
import { element } from "../dom.js";
import { field, form, input, ticked, ticks } from "../form.js";
import { button, secretOnce, sure } from "../press.js";
import { call } from "../server.js";
import { table } from "../table.js";
import { toast } from "../toast.js";
import { word } from "../words.js";

const EVENTS = ["message.received", "draft.ready", "draft.approved", "draft.rejected", "draft.escalated", "reply.sent", "figures.rising", "reading.drifted", "dispute.due", "reply.send"];
const names = () => Object.fromEntries(EVENTS.map((name) => [name, word(`event_${name.replace(".", "_")}`)]));

export async function showWebhooks(place, made = null) {
  const [hooks, sites] = await Promise.all([call("GET", "/v1/webhooks"), call("GET", "/v1/sites")]);
  const again = (secret = null) => showWebhooks(place, secret);
  place.replaceChildren(made ? secretOnce(word("secret_of", { name: made.url }), made.secret) : "", create(sites.items, again), ...hooks.items.map((hook) => card(hook, again)));
  place.querySelector(".secret input")?.focus();
}

function create(sites, again) {
  const url = input("", { type: "url", required: true, placeholder: "https://shop.example.com/countersign" });
  const send = async (node) => again(await call("POST", "/v1/webhooks", { url: url.value, events: ticked(node, "events"), sites: ticked(node, "sites") }));
  return form({ send, text: word("make_webhook") }, element("h2", {}, word("new_webhook")), field(word("address"), "/url", url), ticks(word("events"), "events", names(), ["reply.send"], word("reply_send_hint")),
    ticks(word("sites"), "sites", Object.fromEntries(sites.map((site) => [site.id, site.name])), [], word("sites_all_hint")));
}

function card(hook, again) {
  const deliveries = element("div", {});
  const look = async () => deliveries.replaceChildren(await listed(hook, look));
  const change = async (body) => {
    const changed = await call("PATCH", `/v1/webhooks/${hook.id}`, body);
    toast(word("saved"));
    await again(changed.secret ? changed : null);
  };
  return element("section", { class: "part", "aria-label": hook.url }, element("div", { class: "row spread" }, element("h2", {}, hook.url), element("span", { class: `tag ${hook.active ? "ready" : "needs_input"}` }, word(hook.active ? "active" : "switched_off"))),
    element("p", { class: "small" }, hook.events.map((name) => names()[name]).join(" · ")), hook.sites.length ? element("p", { class: "quiet small" }, `${word("sites")}: ${hook.sites.join(", ")}`) : null,
    element("div", { class: "row" }, button(word("show_deliveries"), look), button(word(hook.active ? "switch_off" : "switch_on"), () => change({ active: !hook.active })), sure(word("new_secret"), () => change({ new_secret: true })),
      sure(word("delete"), async () => {
        await call("DELETE", `/v1/webhooks/${hook.id}`);
        await again();
      })), deliveries);
}

async function listed(hook, again) {
  const found = (await call("GET", `/v1/webhooks/${hook.id}/deliveries`)).items;
  if (!found.length) return element("p", { class: "quiet" }, word("no_deliveries"));
  return table(word("deliveries"), [word("event"), word("status"), word("answer"), word("tries"), word("time"), word("steps")], found.map((item) => [names()[item.type], state(item), item.status ?? item.error, String(item.tries), moment(item.created_at), replay(item, again)]));
}

function state(item) {
  return element("span", { class: `tag ${{ done: "ready", dead: "urgent" }[item.state] ?? ""}` }, word(`delivery_${item.state}`));
}

function replay(item, again) {
  return button(word("send_again"), async () => {
    await call("POST", `/v1/deliveries/${item.id}/replay`);
    toast(word("sent_again"));
    await again();
  }, { "aria-label": `${word("send_again")}: ${item.id}` });
}
