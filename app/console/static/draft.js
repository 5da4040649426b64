// One draft with all that explains it, and an agent's decision about it.
import { choose, explain, next, refresh, toast, word } from "./desk.js";
import { direction, element, section, slice } from "./dom.js";
import { call } from "./server.js";

const UNDO_MS = 5000;
const CHECK_AFTER_MS = 400;
const REASONS = ["wrong_intent", "wrong_facts", "wrong_tone", "wrong_language", "not_helpful", "policy", "other"];

export function showDraft(place, draft, conversation, person) {
  const message = conversation.messages.find((item) => item.id === draft.message_id);
  const sent = message && conversation.messages[0] === message ? message.history : [];
  const earlier = [...sent, ...conversation.messages.filter((item) => item.id !== draft.message_id)];
  place.replaceChildren(...[
    element("div", { class: "columns" },
      element("div", {}, buyer(draft, message, earlier)),
      element("div", {}, text(draft, person), missing(draft), checks(draft))),
    element("div", { class: "columns" }, element("div", {}, sources(draft)), element("div", {}, list("found", draft.evidence.map((item) => `${item.score.toFixed(2)}  ${item.reply_id} — ${item.text}`)),
      list("adjusted", draft.adjustments.map((item) => `${item.effect}: ${item.reason}`)), list("advice", draft.advice.map((item) => `${item.text} (${item.why})`)))),
  ]);
}

function list(title, rows) {
  return rows.length ? section(word(title), element("ul", {}, rows.map((row) => element("li", {}, row)))) : element("span");
}

function buyer(draft, message, earlier) {
  return [
    section(word("buyer"), element("blockquote", { dir: "auto" }, message ? message.text : ""), message && message.attachments.length ? element("p", { class: "quiet" }, `${message.attachments.length} ${word("attachments")}`) : null,
      element("p", { class: "gist" }, draft.gist), draft.reason ? element("p", { class: "notice" }, draft.reason) : null),
    earlier.length ? section(word("history"), earlier.map((item) => element("blockquote", { class: item.from, dir: "auto" }, item.text))) : null,
  ].filter(Boolean);
}

function text(draft, person) {
  const language = draft.language;
  const shown = element("div", { class: "letter", lang: language, dir: direction(language) }, draft.text ? draft.segments.map((segment, number) => piece(draft.text, segment, number)) : element("p", { class: "quiet" }, word(draft.verdict)));
  if (!draft.segments.length && draft.text) shown.replaceChildren(draft.text);
  const gloss = element("div", { class: "letter gloss", lang: draft.gloss.language, dir: direction(draft.gloss.language) }, draft.gloss.segments.map((segment) => element("span", { class: "piece", "data-of": segment.of }, slice(draft.gloss.text, segment.span))));
  const holder = element("div");
  holder.append(section(`${word("draft")} · ${language} · ${word("confidence")} ${draft.confidence.toFixed(2)}`, shown), draft.gloss.language === language.split("-")[0] ? "" : section(word("gloss"), gloss) || "", draft.status === "pending" ? buttons(draft, holder, person) : "");
  holder.addEventListener("mouseover", (event) => light(holder, event.target.dataset.of));
  holder.addEventListener("mouseleave", () => light(holder, undefined));
  holder.addEventListener("focusin", (event) => light(holder, event.target.dataset.of));
  return holder;
}

function piece(whole, segment, number) {
  return element("span", { class: `piece ${segment.kind}`, "data-of": number, tabindex: "0", title: `${segment.source.type} ${segment.source.id} v${segment.source.version}` }, slice(whole, segment.span));
}

function light(holder, of) {
  for (const node of holder.querySelectorAll(".piece")) node.classList.toggle("lit", of !== undefined && node.dataset.of === of);
}

function checks(draft) {
  return section(word("checks"), draft.checks.length ? element("ul", { class: "checks" }, draft.checks.map((check) => element("li", { class: check.status }, check.detail))) : element("p", { class: "quiet" }, word("all_pass")));
}

function sources(draft) {
  const rows = draft.segments.flatMap((segment) => segment.slots.map((slot) => `${slice(draft.text, slot.span)} ← ${slot.from}`));
  return list("sources", [...new Set([...draft.segments.map((segment) => `${segment.source.id} v${segment.source.version}`), ...rows])]);
}

function missing(draft) {
  const open = draft.status === "pending" ? draft.missing.filter((item) => item.from === "agent") : [];
  if (!draft.missing.length) return element("span");
  const form = open.length ? element("form", { class: "fill" }, open.map((item) => element("label", {}, element("span", {}, item.why), element("input", { name: item.slot, required: true }))), element("button", { class: "primary" }, word("fill"))) : null;
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const slots = Object.fromEntries(new FormData(form).entries());
    try {
      await call("POST", `/v1/drafts/${draft.id}/regenerate`, { slots });
      await choose(draft.id);
    } catch (error) {
      explain(error);
    }
  });
  return section(word("missing"), element("ul", {}, draft.missing.filter((item) => item.from === "buyer").map((item) => element("li", {}, item.why))), form);
}

function buttons(draft, holder, person) {
  const blocked = draft.checks.some((check) => check.status === "block");
  const approve = element("button", { class: "primary", onclick: () => decide(draft, {}), disabled: blocked || !draft.text }, word("approve"));
  const edit = element("button", { onclick: () => editText(draft, holder, person) }, draft.text ? word("edit") : word("write"));
  const reject = element("button", { class: "danger", onclick: () => rejectDraft(draft) }, word("reject"));
  return element("div", { class: "row actions" }, approve, edit, reject);
}

async function decide(draft, body) {
  try {
    await call("POST", `/v1/drafts/${draft.id}/approve`, body, { "If-Match": `"${draft.revision}"` });
    toast(word("approved_toast"), { label: word("undo"), milliseconds: UNDO_MS, run: () => undo(draft) });
    await next();
  } catch (error) {
    if (error.errors?.length) toast(`${word("blocked")} ${error.errors.map((item) => item.detail).join(" ")}`);
    else explain(error);
    if (error.status === 409) await refresh();
  }
}

async function undo(draft) {
  try {
    await call("POST", `/v1/drafts/${draft.id}/undo`);
    toast(word("undone"));
    await refresh();
    await choose(draft.id);
  } catch (error) {
    explain(error);
  }
}

function editText(draft, holder, person) {
  const area = element("textarea", { class: "letter", lang: draft.language, dir: direction(draft.language), rows: "14", "aria-label": word("draft") });
  area.value = draft.text;
  const found = element("ul", { class: "checks", "aria-live": "polite" });
  const count = element("span", { class: "quiet" });
  const send = element("button", { class: "primary", onclick: () => decide(draft, { text: area.value }) }, word("send_edited"));
  const why = person.role === "ops" ? element("input", { "aria-label": word("signature_of_ops"), placeholder: word("signature_of_ops"), hidden: true, onchange: () => { send.disabled = false; send.onclick = null; } }) : null;
  const check = async () => {
    count.textContent = `${[...area.value].length} ${word("characters")}`;
    try {
      const answer = await call("POST", "/v1/check", { text: area.value, draft_id: draft.id, language: draft.language, agent_language: document.documentElement.lang });
      found.replaceChildren(...answer.checks.map((item) => element("li", { class: item.status }, item.detail)));
      send.disabled = answer.outcome === "block" || !area.value.trim();
    } catch (error) {
      explain(error);
    }
  };
  let timer;
  area.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(check, CHECK_AFTER_MS);
  });
  holder.replaceChildren(section(word("draft"), area, element("div", { class: "row" }, count)), found, element("div", { class: "row actions" }, send, element("button", { class: "plain", onclick: () => choose(draft.id) }, word("cancel")), why || ""));
  area.focus();
  check();
}

function rejectDraft(draft) {
  const dialog = document.getElementById("reject-dialog");
  dialog.querySelector(".reasons").replaceChildren(...REASONS.map((reason, number) => element("label", { class: "choice" }, element("input", { type: "radio", name: "reason", value: reason, required: true, checked: number === 0 }), word(reason))));
  const intents = dialog.querySelector("select[name=intent]");
  intents.replaceChildren(element("option", { value: "" }, word("unchanged")), ...[...new Set(draft.evidence.map((item) => item.intent))].map((intent) => element("option", { value: intent }, intent)));
  dialog.onclose = async () => {
    if (dialog.returnValue !== "reject") return;
    const form = dialog.querySelector("form");
    const body = { reason: form.reason.value, note: form.note.value || null, intents: form.intent.value ? [form.intent.value] : null };
    form.reset();
    try {
      await call("POST", `/v1/drafts/${draft.id}/reject`, body);
      toast(word("rejected_toast"));
      await next();
    } catch (error) {
      explain(error);
    }
  };
  dialog.showModal();
}
