// The desk: sign in, queue, one draft, approve / edit / reject.
import { element } from "./dom.js";
import { showDraft } from "./draft.js";
import { call, Problem, setToken } from "./server.js";
import { WORDS } from "./words.js";

const POLL_MS = 5000;
const state = { language: localStorage.getItem("language") || (navigator.language.startsWith("zh") ? "zh" : "en"), selected: null, items: [], cursor: null, person: null };
const at = (id) => document.getElementById(id);

export function word(key) {
  return (WORDS[state.language] || WORDS.en)[key] || key;
}

function setWords() {
  document.documentElement.lang = state.language;
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = word(node.dataset.word);
  at("language").value = state.language;
}

export function toast(text, action) {
  at("toast").replaceChildren(element("span", {}, text), ...(action ? [element("button", { class: "plain", onclick: action.run }, action.label)] : []));
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => at("toast").replaceChildren(), action ? action.milliseconds : 4000);
}

export function explain(error) {
  if (!(error instanceof Problem)) throw error;
  if (error.status === 401) return signedOut();
  toast(error.status === 0 ? word("offline") : error.message);
}

function signedOut() {
  at("sign-in").hidden = false;
  at("desk").hidden = true;
  document.querySelector("header").hidden = true;
}

async function signedIn(person) {
  setToken(person.csrf_token);
  state.person = person;
  at("sign-in").hidden = true;
  at("desk").hidden = false;
  document.querySelector("header").hidden = false;
  at("who").textContent = `${person.name} · ${person.role}`;
  await refresh();
  if (!state.selected) at("draft").replaceChildren(element("p", { class: "quiet" }, word("choose")));
}

export async function refresh() {
  try {
    const page = await call("GET", `/v1/drafts?status=${at("status").value}&limit=50`);
    state.items = page.items;
    state.cursor = page.next_cursor;
    listDrafts();
  } catch (error) {
    explain(error);
  }
}

async function more() {
  const page = await call("GET", `/v1/drafts?status=${at("status").value}&limit=50&cursor=${encodeURIComponent(state.cursor)}`);
  state.items.push(...page.items);
  state.cursor = page.next_cursor;
  listDrafts();
}

function listDrafts() {
  at("drafts").replaceChildren(...state.items.map(row));
  at("empty").hidden = state.items.length > 0;
  at("more").hidden = !state.cursor;
}

function row(draft) {
  const current = draft.id === state.selected;
  return element("li", {}, element("button", { class: `item ${draft.priority}`, "aria-current": current ? "true" : null, onclick: () => choose(draft.id) },
    element("span", { class: "row" }, element("span", { class: `tag ${draft.priority}` }, word(draft.priority)), element("span", { class: "tag" }, draft.language), element("span", { class: `tag ${draft.verdict}` }, word(draft.verdict))),
    element("span", { class: "gist" }, draft.gist)));
}

export async function choose(id) {
  state.selected = id;
  listDrafts();
  try {
    const draft = await call("GET", `/v1/drafts/${id}?agent_language=${state.language}`);
    const conversation = await call("GET", `/v1/conversations/${draft.conversation_id}`);
    showDraft(at("draft"), draft, conversation, state.person);
  } catch (error) {
    explain(error);
  }
}

export async function next() {
  const place = state.items.findIndex((item) => item.id === state.selected);
  await refresh();
  const following = state.items[Math.min(Math.max(place, 0), state.items.length - 1)];
  if (following) await choose(following.id);
  else at("draft").replaceChildren(element("p", { class: "quiet" }, word("empty")));
}

at("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  try {
    await signedIn(await call("POST", "/v1/session", { name: form.name.value, password: form.password.value }));
    form.password.value = "";
    form.querySelector(".problem").textContent = "";
  } catch (error) {
    form.querySelector(".problem").textContent = error.message;
  }
});
at("sign-out").addEventListener("click", async () => {
  await call("DELETE", "/v1/session").catch(() => null);
  signedOut();
});
at("status").addEventListener("change", refresh);
at("more").addEventListener("click", () => more().catch(explain));
at("language").addEventListener("change", () => {
  state.language = at("language").value;
  localStorage.setItem("language", state.language);
  setWords();
  listDrafts();
  if (state.selected) choose(state.selected);
});
setInterval(() => {
  if (!at("desk").hidden && !document.hidden && state.items.length <= 50) refresh();
}, POLL_MS);

setWords();
call("GET", "/v1/session").then(signedIn).catch(signedOut);
