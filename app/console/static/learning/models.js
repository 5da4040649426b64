// The classifiers: versions with their figures, a training as it goes, comparing, letting serve, taking back.
import { moment } from "../clock.js";
import { element } from "../dom.js";
import { button, sure } from "../press.js";
import { Problem, call } from "../server.js";
import { table } from "../table.js";
import { toast } from "../toast.js";
import { word } from "../words.js";

const MOST_CONFUSED = 20;
let stream = null;
const share = (value) => (typeof value === "number" ? value.toFixed(3) : "–");
const between = (rate) => (rate ? `${share(rate.rate)} (${share(rate.low)}–${share(rate.high)})` : "–");

export async function showModels(place) {
  const [found, trainings] = await Promise.all([call("GET", "/v1/models"), call("GET", "/v1/jobs?kind=train&limit=1")]);
  const again = () => showModels(place);
  const live = element("div", { class: "part", role: "status", hidden: true });
  place.replaceChildren(live, ...found.items.map((kind) => card(kind, live, again)));
  if (trainings.items.length) watch(trainings.items[0], live, again);
}

function card({ kind, serving, versions }, live, again) {
  const train = button(word("train"), async () => watch(await call("POST", `/v1/models/${kind}/train`), live, again), { "aria-label": `${word("train")}: ${word(`kind_${kind}`)}` });
  const back = sure(word("roll_back"), async () => {
    const { serving: version } = await call("POST", `/v1/models/${kind}/rollback`);
    toast(word("now_serves", { version }));
    await again();
  });
  const place = element("div", { class: "stack", "aria-live": "polite" });
  const rows = [...versions].reverse().map((one) => [one.version, one.version === serving ? element("span", { class: "tag ready" }, word("serving")) : "", moment(one.trained_at.slice(0, 10)), String(one.examples), between(one.metrics.accuracy), share(one.metrics.macro_f1), share(one.metrics.calibration_error), steps(kind, one, serving, place, again)]);
  return element("section", { class: "part" }, element("div", { class: "row spread" }, element("h2", {}, word(`kind_${kind}`)), element("div", { class: "row" }, train, back)),
    table(word(`kind_${kind}`), [word("version"), word("status"), word("trained_at"), word("examples"), word("accuracy"), word("macro_f1"), word("calibration_error"), word("steps")], rows), place);
}

function steps(kind, card, serving, place, again) {
  const show = (...nodes) => place.replaceChildren(element("h3", {}, card.version), ...nodes.filter(Boolean));
  const told = (key) => ({ "aria-label": `${word(key)}: ${card.version}` });
  const look = button(word("figures"), () => show(...figures(card)), told("figures"));
  if (card.version === serving) return look;
  const compare = button(word("compare"), async () => {
    show(element("p", { class: "quiet" }, word("comparing")));
    const found = await call("GET", `/v1/models/${kind}/${card.version}/compare`);
    show(comparison(found));
  }, told("compare"));
  return element("div", { class: "row" }, look, compare, button(word("promote"), () => show(promotion(kind, card.version, again)), told("promote")));
}

function figures({ metrics }) {
  const languages = Object.entries(metrics.languages ?? {}).map(([code, rate]) => [code, String(rate.count), between(rate)]);
  const labels = Object.entries(metrics.labels ?? {}).map(([id, one]) => [id, share(one.precision), share(one.recall), share(one.f1), String(one.support)]);
  const confused = (metrics.confusion ?? []).slice(0, MOST_CONFUSED).map(([really, taken, count]) => [really, taken, String(count)]);
  return [
    languages.length ? table(word("by_language"), [word("language"), word("messages"), word("accuracy")], languages) : null,
    labels.length ? table(word("by_label"), [word("label"), word("precision"), word("recall"), "F1", word("messages")], labels) : null,
    confused.length ? table(word("confused"), [word("is_really"), word("was_read"), word("messages")], confused) : null,
  ];
}

function comparison({ languages, worse }) {
  const verdict = (code, one) => (worse.includes(code) ? word("worse") : one.low > 0 ? word("better") : word("alike"));
  const rows = Object.entries(languages).map(([code, one]) => [code === "all" ? word("all_languages") : code, String(one.messages), share(one.serving), share(one.new), `${share(one.low)} … ${share(one.high)}`, verdict(code, one)]);
  return table(word("compare"), [word("language"), word("messages"), word("serving"), word("new_one"), word("interval"), word("outcome")], rows);
}

// A version that is worse somewhere needs a reason; the server says where, and only then is one asked for.
function promotion(kind, version, again) {
  const reason = element("input", { autocomplete: "off", minlength: "3", maxlength: "2000" });
  const asked = element("label", { hidden: true }, word("promote_reason"), reason);
  const problem = element("p", { class: "problem", role: "alert" });
  const promote = sure(word("promote"), async () => {
    try {
      await call("POST", `/v1/models/${kind}/${version}/promote`, reason.value ? { override: reason.value } : {});
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 409) throw error;
      problem.textContent = error.message;
      asked.hidden = false;
      return reason.focus();
    }
    toast(word("now_serves", { version }));
    await again();
  });
  return element("div", { class: "stack" }, element("p", { class: "quiet" }, word("promote_hint")), asked, problem, element("div", {}, promote));
}

// One stream at a time; each event holds all of the job, and the last one says what became of it.
function watch(job, live, again) {
  stream?.close();
  tell(job, live);
  if (ended(job)) return;
  stream = new EventSource(`/v1/jobs/${job.id}/events`);
  stream.addEventListener("job", (event) => {
    const now = JSON.parse(event.data);
    tell(now, live);
    if (!ended(now)) return;
    stream.close();
    again();
  });
}

const ended = (job) => ["done", "dead"].includes(job.state);

function tell(job, live) {
  live.hidden = false;
  const { share: done = 0, step = "" } = job.progress ?? {};
  const cancel = ended(job) ? null : sure(word("cancel"), () => call("POST", `/v1/jobs/${job.id}/cancel`));
  live.replaceChildren(element("h2", {}, word("last_training")), element("p", {}, `${word(`training_${job.state}`)} · ${moment(job.changed_at)}`), ended(job) ? "" : element("progress", { value: String(done), max: "1", "aria-label": word("last_training") }, ""),
    step && !ended(job) ? element("p", { class: "quiet small" }, step) : "", job.error ? element("p", { class: "problem" }, job.error) : "", cancel ? element("div", {}, cancel) : "");
}
