// The words of the page, in the buyer's language.

const words = JSON.parse(document.getElementById("words").textContent);

export const language = document.documentElement.lang;

export function say(name, values = {}) {
  return Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), words[name]);
}

export function hours(number) {
  return new Intl.NumberFormat(language, { style: "unit", unit: "hour", unitDisplay: "long" }).format(number);
}

export function megabytes(bytes) {
  return new Intl.NumberFormat(language, { style: "unit", unit: "megabyte", maximumFractionDigits: 0 }).format(bytes / 1048576);
}

// On the buyer's own clock: the day too, unless it is today.
export function moment(when) {
  const date = new Date(when);
  const today = date.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(language, { ...(today ? {} : { weekday: "long" }), hour: "numeric", minute: "2-digit" }).format(date);
}
