// What the checks say, most grave first.
import { element } from "./dom.js";
import { word } from "./words.js";

export function checkList(checks) {
  const told = checks.filter((check) => check.status !== "pass").sort((one, other) => (one.status === "block" ? 0 : 1) - (other.status === "block" ? 0 : 1));
  if (!told.length) return element("p", { class: "fine" }, word("all_pass"));
  return element("ul", { class: "checks" }, told.map((check) => element("li", { class: check.status, dir: "auto" }, check.detail)));
}
