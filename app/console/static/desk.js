// The desk: who is signed in, which draft is open, which key does what.
import * as clock from "./clock.js";
import { actionsFor } from "./decide.js";
import { element } from "./dom.js";
import { notice, showDraft } from "./draft.js";
import { composing, listen, showKeys } from "./keys.js";
import { follow } from "./live.js";
import * as queue from "./queue.js";
import { call, setToken } from "./server.js";
import { state } from "./state.js";
import { explain, undo } from "./toast.js";
import { speak, word } from "./words.js";

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
    queue.reveal(id);
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

async function signedIn(person) {
  setToken(person.csrf_token);
  state.person = person;
  state.language = localStorage.getItem("language") ?? person.language;
  at("sign-in").hidden = true;
  at("desk").hidden = false;
  document.querySelector("header").hidden = false;
  at("to-insights").hidden = person.role !== "ops"; // figures are for ops
  at("who").textContent = `${person.name} · ${person.role}`;
  follow(hear);
  await speakAll(state.language);
}

async function speakAll(language) {
  const known = [...at("language").options].map((option) => option.value);
  state.language = known.includes(language) ? language : "en";
  at("language").value = state.language;
  await speak(state.language);
  state.labels = await call("GET", `/v1/labels?language=${state.language}`);
  await queue.refresh();
  if (state.open) await choose(state.open.id);
  else close();
}

async function signedOut() {
  await speak(navigator.language.startsWith("zh") ? "zh" : "en");
  at("sign-in").hidden = false;
  at("sign-in").elements.password.focus();
}

const move = (by) => () => {
  const id = queue.neighbour(by);
  if (id) choose(id);
};

async function start() {
  const languages = await call("GET", "/console-languages");
  at("language").replaceChildren(...Object.entries(languages).map(([code, name]) => element("option", { value: code, lang: code }, name)));
  at("language").addEventListener("change", () => {
    localStorage.setItem("language", at("language").value);
    speakAll(at("language").value).catch(explain);
  });
  queue.start(choose);
  clock.start();
  listen({ ...actions, next: move(1), previous: move(-1), open: () => (state.open ? at("reply").querySelector("h2").focus() : move(0)()), undo, search: () => at("search").focus(), help: () => showKeys(at("keys-dialog")) });
  call("GET", "/v1/session").then(signedIn, signedOut);
}

at("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  try {
    const person = await call("POST", "/v1/session", { name: form.elements.name.value, password: form.elements.password.value });
    form.elements.password.value = "";
    await signedIn(person);
  } catch (error) {
    form.querySelector(".problem").textContent = error.message;
  }
});
at("sign-out").addEventListener("click", () => call("DELETE", "/v1/session").catch(() => null).then(() => location.reload()));
at("search").addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || composing(event)) return;
  event.preventDefault(); // Chromium would empty the field
  at("search").blur();
});
at("help").addEventListener("click", () => showKeys(at("keys-dialog")));

start();
