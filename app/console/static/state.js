// What all parts of the page know: who is signed in, what labels are called, which draft is open.

export const state = { person: null, language: "en", labels: { intents: {}, emotions: {}, conduct: {} }, open: null };

export function label(kind, id) {
  return state.labels[kind][id] ?? id;
}
