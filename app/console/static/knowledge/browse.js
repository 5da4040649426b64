// All replies as a list: by intent and state, with the languages that are worded and those that have to be read again.
import { element } from "../dom.js";
import { select } from "../form.js";
import { call } from "../server.js";
import { label, state } from "../state.js";
import { table } from "../table.js";
import { explain } from "../toast.js";
import { word } from "../words.js";

const PAGE = 200;
let asking = 0; // the newest question put to the service
const STATES = ["vetted", "suggested", "retired"];

export async function browse() {
  state.labels = await call("GET", `/v1/labels?language=${state.language}`);
  const intents = [...new Set((await listed({})).map((reply) => reply.intent))];
  const found = element("div", { "aria-live": "polite" });
  const refresh = () => draw(found, { intent: intent.value, state: held.value }).catch(explain);
  const intent = select({ "": word("any"), ...Object.fromEntries(intents.map((id) => [id, label("intents", id)])) }, "", { onchange: refresh });
  const held = select({ "": word("any"), ...Object.fromEntries(STATES.map((id) => [id, word(`reply_${id}`)])) }, "", { onchange: refresh });
  const part = element("details", { class: "part" }, element("summary", {}, word("all_replies")), element("div", { class: "row" }, element("label", {}, `${word("intent")} `, intent), element("label", {}, `${word("status")} `, held)), found);
  part.addEventListener("toggle", () => part.open && refresh(), { once: true });
  return part;
}

async function draw(place, wanted) {
  const mine = ++asking;
  const items = await listed(wanted);
  if (mine !== asking) return; // something else was chosen meanwhile
  const rows = items.map((reply) => [element("a", { href: `#${encodeURIComponent(reply.id)}` }, reply.id), word(`reply_${reply.state}`), String(reply.version), String(Object.keys(reply.languages).length), overdue(reply).join(" ") || "–"]);
  place.replaceChildren(rows.length ? table(word("all_replies"), ["draft", "status", "version", "languages", "read_again"].map((key) => word(key)), rows) : element("p", { class: "quiet" }, word("nothing_found")));
}

// Every page of the list: an empty value asks for all.
async function listed(wanted) {
  const items = [];
  const asked = new URLSearchParams({ limit: PAGE, ...Object.fromEntries(Object.entries(wanted).filter(([, value]) => value)) });
  for (let cursor = null; ; asked.set("cursor", cursor)) {
    const page = await call("GET", `/v1/replies?${asked}`);
    items.push(...page.items);
    cursor = page.next_cursor;
    if (!cursor) return items;
  }
}

// Languages whose vetted words are past the day on which somebody was to read them again.
function overdue(reply) {
  const today = new Date().toISOString().slice(0, 10);
  return Object.entries(reply.languages).filter(([, words]) => words.vetting.review < today).map(([code]) => code);
}
