// Bars of several parts, drawn as SVG, with the same figures as a table for whoever does not see them.
import { element } from "./dom.js";

const SPACE = "http://www.w3.org/2000/svg";
const [WIDE, ROW, NAMES, COUNT] = [720, 28, 200, 48];

function drawn(tag, attributes, text) {
  const node = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

const sum = (row) => row.values.reduce((total, value) => total + value, 0);

// rows: [{name, values}], one value for each of the parts: [{id, name}]. `title` says what is shown.
export function plot(title, rows, parts) {
  return [picture(title, rows, parts), legend(parts), table(title, rows, parts)];
}

function picture(title, rows, parts) {
  const svg = drawn("svg", { class: "plot", viewBox: `0 0 ${WIDE} ${rows.length * ROW}`, role: "img", "aria-label": title });
  const scale = (WIDE - NAMES - COUNT) / Math.max(1, ...rows.map(sum));
  rows.forEach((row, line) => svg.append(...bar(row, line * ROW, scale, parts)));
  return svg;
}

function bar(row, top, scale, parts) {
  const nodes = [drawn("text", { x: 0, y: top + 19 }, row.name.length > 28 ? `${row.name.slice(0, 27)}…` : row.name)];
  let x = NAMES;
  row.values.forEach((value, place) => {
    if (value === 0) return;
    const part = drawn("rect", { class: `bar-${parts[place].id}`, x, y: top + 5, width: value * scale, height: ROW - 10 });
    part.append(drawn("title", {}, `${row.name}: ${parts[place].name} ${value}`));
    nodes.push(part);
    x += value * scale;
  });
  return [...nodes, drawn("text", { x: x + 6, y: top + 19 }, String(sum(row)))];
}

function legend(parts) {
  return element("ul", { class: "key row small" }, parts.map((part) => {
    const mark = drawn("svg", { viewBox: "0 0 12 12", "aria-hidden": "true" });
    mark.append(drawn("rect", { class: `bar-${part.id}`, width: 12, height: 12 }));
    return element("li", {}, mark, part.name);
  }));
}

function table(title, rows, parts) {
  const head = element("tr", {}, element("td", {}), parts.map((part) => element("th", { scope: "col" }, part.name)));
  const lines = rows.map((row) => element("tr", {}, element("th", { scope: "row" }, row.name), row.values.map((value) => element("td", {}, String(value)))));
  return element("details", { class: "wide" }, element("summary", {}, title), element("table", {}, element("thead", {}, head), element("tbody", {}, lines)));
}
