// Small tools for building pages. Text is always text: nothing here takes markup.

export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

const RIGHT_TO_LEFT = new Set(["ar", "he", "fa", "ur"]);

export function direction(tag) {
  return RIGHT_TO_LEFT.has((tag || "").split("-")[0]) ? "rtl" : "ltr";
}

// Code points, not UTF-16 units: the server's spans count so.
export function slice(text, [start, end]) {
  return [...text].slice(start, end).join("");
}

export function section(title, ...children) {
  const filled = children.flat().filter(Boolean);
  return filled.length ? element("section", { class: "part" }, element("h3", {}, title), filled) : null;
}
