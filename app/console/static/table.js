// Lists of things as tables that scroll by themselves where the page is narrow.
import { element } from "./dom.js";

// `rows`: lists of cells, each a text or a node; the first cell names the row.
export function table(name, heads, rows) {
  const head = element("tr", {}, heads.map((text) => element("th", { scope: "col" }, text || element("span", { class: "unseen" }, "–"))));
  const body = rows.map(([first, ...cells]) => element("tr", {}, element("th", { scope: "row" }, first), cells.map((cell) => element("td", {}, cell ?? "–"))));
  return element("div", { class: "table", role: "region", "aria-label": name, tabindex: "0" }, element("table", {}, element("thead", {}, head), element("tbody", {}, body)));
}
