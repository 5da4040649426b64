// Which generator words the drafts: read only, as it comes from the service's own settings.
import { element } from "../dom.js";
import { call } from "../server.js";
import { word } from "../words.js";

export async function showGenerators(place) {
  const found = await call("GET", "/v1/generators");
  place.replaceChildren(...found.items.map((item) => card(item, found)));
}

function card(item, found) {
  const slow = item.name !== "composer";
  const rows = [["model", item.model], ["address", item.host], ["price_sent", money(item.price_sent)], ["price_written", money(item.price_written)], ["timeout", slow && `${found.timeout_seconds} s`], ["retries", slow && String(found.retries)], ["quotes_message", slow && word(found.quotes_message ? "yes" : "no")]].filter(([, value]) => value);
  const mark = item.serves ? element("span", { class: "tag ready" }, word("serves")) : element("span", { class: "tag" }, word(item.set_up ? "set_up" : "not_set_up"));
  return element("section", { class: "part" }, element("div", { class: "row spread" }, element("h2", {}, word(`generator_${item.name}`)), mark), element("p", { class: "quiet" }, word(`generator_${item.name}_hint`)),
    rows.length ? element("dl", { class: "facts" }, rows.flatMap(([name, value]) => [element("dt", {}, word(name)), element("dd", {}, element("bdi", {}, value))])) : null);
}

function money(price) {
  return price && Number(price.amount) > 0 ? `${price.amount} ${price.currency}` : null;
}
