// What the buyer sent along: photos that one press enlarges. An address elsewhere is named, never fetched.
import { element } from "./dom.js";
import { word } from "./words.js";

export function photos(attachments) {
  if (!attachments.length) return null;
  const shown = attachments.map((item, number) => (item.id && item.type === "image" ? photo(item.id, number + 1) : element("p", { class: "quiet small" }, `${word(`attached_${item.type}`)} `, element("bdi", {}, item.url ?? item.id))));
  return element("div", { class: "photos" }, shown);
}

function photo(id, number) {
  const button = element("button", { class: "photo", "aria-pressed": "false", title: word("enlarge"), onclick: () => button.setAttribute("aria-pressed", String(button.ariaPressed !== "true")) }, element("img", { src: `/v1/uploads/${encodeURIComponent(id)}`, alt: word("photo_of_buyer", { n: number }), loading: "lazy" }));
  return button;
}
