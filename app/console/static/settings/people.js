// Agents and ops: who may sign in, as what, and in which language.
import { moment } from "../clock.js";
import { element } from "../dom.js";
import { field, form, input, select } from "../form.js";
import { button, sure } from "../press.js";
import { call } from "../server.js";
import { table } from "../table.js";
import { explain, toast } from "../toast.js";
import { word } from "../words.js";

const roles = () => ({ agent: word("role_agent"), ops: word("role_ops") });

export async function showPeople(place) {
  const [accounts, languages] = await Promise.all([call("GET", "/v1/accounts"), call("GET", "/console-languages")]);
  const again = () => showPeople(place);
  place.replaceChildren(create(languages, again), list(accounts.items, languages, again));
}

function create(languages, again) {
  const [name, password] = [input("", { maxlength: "100", required: true }), input("", { type: "password", autocomplete: "new-password", required: true })];
  const [role, language] = [select(roles(), "agent"), select(languages, "en")];
  const send = async () => {
    await call("POST", "/v1/accounts", { name: name.value, password: password.value, role: role.value, language: language.value });
    toast(word("saved"));
    await again();
  };
  return form({ send, text: word("make_account") }, element("h2", {}, word("new_account")), element("div", { class: "fields" },
    field(word("called"), "/name", name), field(word("password"), "/password", password, word("password_hint")), field(word("role"), "/role", role, word("role_hint")), field(word("language"), "/language", language)));
}

function list(accounts, languages, again) {
  return table(word("people_title"), [word("called"), word("role"), word("language"), word("new_password"), word("status"), word("steps")], accounts.map((account) => row(account, languages, again)));
}

function row(account, languages, again) {
  const change = async (body) => {
    try {
      await call("PATCH", `/v1/accounts/${account.id}`, body);
      toast(word("saved"));
    } finally {
      await again();
    }
  };
  const named = (key) => `${word(key)}: ${account.name}`;
  const role = select(roles(), account.role, { "aria-label": named("role"), onchange: () => change({ role: role.value }).catch(explain) });
  const language = select({ [account.language]: account.language, ...languages }, account.language, { "aria-label": named("language"), onchange: () => change({ language: language.value }).catch(explain) });
  const password = input("", { type: "password", autocomplete: "new-password", "aria-label": named("new_password") });
  const step = account.disabled_at ? button(word("enable"), () => change({ disabled: false })) : sure(word("disable"), () => change({ disabled: true }));
  return [account.name, role, language, element("div", { class: "row" }, password, button(word("set"), () => change({ password: password.value }))), account.disabled_at ? word("disabled_since", { time: moment(account.disabled_at) }) : word("may_sign_in"), step];
}
