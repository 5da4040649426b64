// What every page of the console begins with: the bar with the links to the pages, the language, signing in and out.
import { element } from "./dom.js";
import { pagesOf } from "./nav.js";
import { call, setToken } from "./server.js";
import { state } from "./state.js";
import { explain } from "./toast.js";
import { speak, word } from "./words.js";

const at = (id) => document.getElementById(id);
const told = (key, tag = "span", more = {}) => element(tag, { "data-word": key, ...more });

// `content` shows once somebody is signed in. `enter` is called then, `spoken` whenever the language is set; `tools` stand in the bar.
export async function start({ content, tools = [], enter = () => {}, spoken }) {
  at("main").before(bar(tools));
  at("main").prepend(signIn((person) => signedIn(person)));
  const languages = await call("GET", "/console-languages");
  at("language").replaceChildren(...Object.entries(languages).map(([code, name]) => element("option", { value: code, lang: code }, name)));
  at("language").addEventListener("change", () => {
    localStorage.setItem("language", at("language").value);
    speakAll(at("language").value).catch(explain);
  });

  async function signedIn(person) {
    setToken(person.csrf_token);
    state.person = person;
    at("sign-in").hidden = true;
    content.hidden = false;
    document.querySelector("header").hidden = false;
    at("who").textContent = `${person.name} · ${person.role}`;
    enter();
    await speakAll(localStorage.getItem("language") ?? person.language);
  }

  async function speakAll(language) {
    state.language = language in languages ? language : "en";
    at("language").value = state.language;
    await speak(state.language);
    links();
    await spoken();
  }

  call("GET", "/v1/session").then(signedIn, signedOut).catch(explain);
}

async function signedOut() {
  await speak(navigator.language.startsWith("zh") ? "zh" : "en");
  at("sign-in").hidden = false;
  at("sign-in").elements.password.focus();
}

function links() {
  at("pages").ariaLabel = word("pages");
  at("pages").replaceChildren(...pagesOf(state.person.role).map((page) => element("a", { href: page.path, "aria-current": page.here ? "page" : null }, word(page.name))));
}

function bar(tools) {
  const leave = () => call("DELETE", "/v1/session").catch(() => null).then(() => location.reload());
  return element("header", { class: "bar", hidden: true }, element("strong", { class: "brand" }, "Countersign"), element("nav", { id: "pages" }), element("span", { class: "grow" }), tools,
    element("label", {}, told("language", "span", { class: "quiet" }), element("select", { id: "language" })), element("span", { id: "who", class: "quiet" }), told("sign_out", "button", { id: "sign-out", class: "plain", onclick: leave }));
}

function signIn(done) {
  const form = element("form", { id: "sign-in", class: "part narrow", hidden: true }, element("h1", {}, "Countersign"), told("sign_in_hint", "p", { class: "quiet" }),
    element("label", {}, told("name"), element("input", { name: "name", autocomplete: "username", required: true, value: "ops" })),
    element("label", {}, told("password"), element("input", { name: "password", type: "password", autocomplete: "current-password", required: true })),
    told("sign_in", "button", { class: "primary" }), element("p", { class: "problem", role: "alert" }));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const person = await call("POST", "/v1/session", { name: form.elements.name.value, password: form.elements.password.value });
      form.elements.password.value = "";
      await done(person);
    } catch (error) {
      form.querySelector(".problem").textContent = error.message;
    }
  });
  return form;
}
