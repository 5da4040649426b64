// Pages of ops (and some of agents), one a noun in groups: the address names both, as in /settings/sites. The server refuses anybody else.
import { element } from "./dom.js";
import { showDisputes } from "./cases/disputes.js";
import { showFiles } from "./knowledge/files.js";
import { showHits } from "./knowledge/hits.js";
import { showReplies } from "./knowledge/replies.js";
import { showCorrections } from "./learning/corrections.js";
import { showDrift } from "./learning/drift.js";
import { showModels } from "./learning/models.js";
import { showGenerators } from "./settings/generators.js";
import { showKeys } from "./settings/keys.js";
import { showPeople } from "./settings/people.js";
import { showSites } from "./settings/sites.js";
import { showWebhooks } from "./settings/webhooks.js";
import { start } from "./shell.js";
import { state } from "./state.js";
import { explain } from "./toast.js";
import { word } from "./words.js";

const GROUPS = {
  settings: { sites: showSites, people: showPeople, keys: showKeys, webhooks: showWebhooks, generators: showGenerators },
  learning: { corrections: showCorrections, models: showModels, drift: showDrift },
  knowledge: { replies: showReplies, hits: showHits, files: showFiles },
  cases: { disputes: showDisputes },
};
const FOR_AGENTS = new Set(["corrections", "disputes"]); // the second decision on a correction may be any colleague's, and so is a case
const at = (id) => document.getElementById(id);
const [group, noun] = location.pathname.split("/").slice(1);

// Draws the page anew; what a part returns stands under the title.
async function show() {
  const may = (name) => state.person.role === "ops" || FOR_AGENTS.has(name);
  at("tabs").ariaLabel = word(group);
  at("tabs").replaceChildren(...Object.keys(GROUPS[group]).filter(may).map((name) => element("a", { href: `/${group}/${name}`, "aria-current": name === noun ? "page" : null }, word(`${name}_title`))));
  document.title = `${word(`${noun}_title`)} · Countersign`;
  const title = element("div", {}, element("h1", { id: "page-title" }, word(`${noun}_title`)), element("p", { class: "quiet" }, word(`${noun}_hint`)));
  if (!may(noun)) return at("page").replaceChildren(title, element("p", { class: "notice" }, word("ops_only")));
  const place = element("div", { class: "stack" });
  at("page").replaceChildren(title, place);
  await GROUPS[group][noun](place);
}

start({ content: at("nouns"), spoken: () => show().catch(explain) });
