// The desk: which draft is open, which key does what.
import * as clock from "./clock.js";
import { actionsFor } from "./decide.js";
import { element } from "./dom.js";
import { notice, showDraft } from "./draft.js";
import { composing, listen, showKeys } from "./keys.js";
import { follow } from "./live.js";
import * as queue from "./queue.js";
import { call } from "./server.js";
import { start } from "./shell.js";
import { state } from "./state.js";
import { explain, undo } from "./toast.js";
import { word } from "./words.js";

const at = (id) => document.getElementById(id);
const actions = actionsFor(choose, close);

export async function choose(id) {
  try {
    const draft = await call("GET", `/v1/drafts/${id}?agent_language=${state.language}`);
    const conversation = await call("GET", `/v1/conversations/${draft.conversation_id}`);
    state.open = draft;
    showDraft(at("draft"), draft, conversation, actions);
    if (draft.status === "superseded") superseded(draft.superseded_by);
    queue.show();
    queue.reveal(queue.inQueue());
  } catch (error) {
    explain(error);
  }
}

function close() {
  state.open = null;
  at("draft").replaceChildren(element("p", { class: "quiet hint" }, word("choose")));
  queue.show();
}

function superseded(by) {
  notice(word("is_superseded"), by ? { label: word("open_newer"), run: () => choose(by) } : null);
}

function hear(name, event) {
  queue.hear(name, event);
  if (event.draft_id !== state.open?.id) return;
  if (name === "draft.superseded") {
    state.open.status = "superseded";
    superseded(event.superseded_by);
  }
  if (name === "draft.ready" && event.revision > state.open.revision) notice(word("is_revised"), { label: word("reload"), run: () => choose(event.draft_id) });
  if (event.by === state.person.name) return;
  if (name === "draft.claimed") notice(word("taken", { name: event.by }));
  if (name === "draft.approved" || name === "draft.rejected") notice(word("decided_elsewhere"));
}

async function spoken() {
  state.labels = await call("GET", `/v1/labels?language=${state.language}`);
  await queue.refresh();
  const wanted = state.open?.id ?? named();
  if (wanted) await choose(wanted);
  else close();
}

// Another page links to a draft as /#d_...; once it is open, the address is the desk's again.
function named() {
  const id = location.hash.slice(1);
  if (id) history.replaceState(null, "", location.pathname);
  return id;
}

const move = (by) => () => {
  const id = queue.neighbour(by);
  if (id) choose(id);
};

at("search").addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || composing(event)) return;
  event.preventDefault(); // Chromium would empty the field
  at("search").blur();
});

const help = () => showKeys(at("keys-dialog"));
queue.start(choose);
clock.start();
listen({ ...actions, next: move(1), previous: move(-1), open: () => (state.open ? at("reply").querySelector("h2").focus() : move(0)()), undo, search: () => at("search").focus(), help });
start({ content: at("desk"), tools: [element("button", { id: "help", class: "plain", onclick: help }, element("span", { "data-word": "keys" }), element("kbd", {}, "?"))], enter: () => follow(hear), spoken });
