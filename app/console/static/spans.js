// Marks on a text. Spans count code points, as the server's do; marks may overlap.
import { element } from "./dom.js";

// `marks`: {span: [start, end], name: a class, title}. The text comes back in runs, each with the classes that hold there.
export function marked(text, [from, to], marks) {
  const points = [...text];
  const inside = marks.map((mark) => ({ ...mark, span: [Math.max(from, mark.span[0]), Math.min(to, mark.span[1])] })).filter((mark) => mark.span[0] < mark.span[1]);
  const edges = [...new Set([from, to, ...inside.flatMap((mark) => mark.span)])].sort((one, other) => one - other);
  return edges.slice(0, -1).map((start, number) => run(points, start, edges[number + 1], inside));
}

function run(points, start, end, marks) {
  const text = points.slice(start, end).join("");
  const here = marks.filter((mark) => mark.span[0] <= start && mark.span[1] >= end);
  if (!here.length) return text;
  return element("span", { class: here.map((mark) => mark.name).join(" "), title: here.map((mark) => mark.title).filter(Boolean).join("\n") }, text);
}
