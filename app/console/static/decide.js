// What an agent does with the open draft; each ends at the next one.
import { approvable, notice } from "./draft.js";
import { editDraft } from "./edit.js";
import { following, inQueue, mark, refresh } from "./queue.js";
import { askWhy } from "./reject.js";
import { call } from "./server.js";
import { state } from "./state.js";
import { explain, toast, toastWithUndo } from "./toast.js";
import { word } from "./words.js";

const SNOOZE_MS = 3600_000;

export function actionsFor(choose, close) {
  const path = (verb) => `/v1/drafts/${state.open.id}/${verb}`;
  const reload = () => choose(state.open.id);
  const onward = async (status) => {
    mark(inQueue(), status);
    const next = following();
    if (next) return choose(next);
    await refresh();
    close();
  };
  const sign = (body) => act(async () => {
    const { id, revision, limits } = state.open;
    await call("POST", path("approve"), body, { "If-Match": `"${revision}"` });
    if (limits.undo_seconds) toastWithUndo("approved_toast", limits.undo_seconds, () => takeBack(id, choose));
    await onward("approved");
  });
  const pending = (run) => () => state.open?.status === "pending" && run();
  return {
    choose, reload,
    approve: pending(() => approvable(state.open) ? sign({}) : toast(state.open.checks.filter((check) => check.status === "block").map((check) => check.detail).join(" ") || word(state.open.verdict))),
    edit: pending(() => editDraft(document.getElementById("work"), state.open, sign, reload)),
    reject: pending(() => askWhy(state.open, (body) => act(async () => {
      await call("POST", path("reject"), body);
      toast(word("rejected_toast"));
      await onward("rejected");
    }))),
    regenerate: pending(() => act(async () => {
      await call("POST", path("regenerate"), {});
      await reload();
      toast(word("regenerated_toast"));
    })),
    alternatives: pending(() => act(async () => {
      const first = inQueue();
      const { alternatives } = await call("POST", `/v1/drafts/${first}/alternatives`);
      await choose(first);
      toast(word(alternatives.length ? "alternatives_toast" : "no_alternatives_toast", { n: alternatives.length }));
    })),
    claim: pending(() => act(async () => {
      const release = state.open.claimed_by === state.person.name;
      await call("POST", path(release ? "release" : "claim"));
      await reload();
      toast(word(release ? "released_toast" : "claimed_toast"));
    })),
    snooze: pending(() => act(async () => {
      await call("POST", path("snooze"), { until: new Date(Date.now() + SNOOZE_MS).toISOString() });
      toast(word("snoozed_toast"));
      await onward("snoozed");
    })),
  };
}

let underway = null; // the promise of what is being done: a second press meanwhile is the same press // one decision at a time: a second press of a key does not sign the next draft unread

async function act(run) {
  if (underway) return;
  const desk = document.getElementById("desk");
  desk.setAttribute("aria-busy", "true");
  underway = attempt(run);
  try {
    await underway;
  } finally {
    underway = null;
    desk.removeAttribute("aria-busy");
  }
}

async function attempt(run) {
  try {
    await run();
  } catch (error) {
    if (error.status === 409) notice(error.message);
    explain(error);
  }
}

// The seconds in which a signature can be taken back are few: what is under way is waited for, never a reason to do nothing.
async function takeBack(id, choose) {
  await underway;
  await act(async () => {
    await call("POST", `/v1/drafts/${id}/undo`);
    mark(id, "pending");
    await choose(id);
    toast(word("undone"));
  });
}
