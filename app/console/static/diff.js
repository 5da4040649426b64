// What an edit changed, word by word: the longest common run of words stays.
import { element } from "./dom.js";

const MOST = 1500; // words a side; beyond that the whole text counts as changed

export function difference(before, after, language) {
  const [old, fresh] = [words(before, language), words(after, language)];
  const steps = old.length > MOST || fresh.length > MOST ? [["del", before], ["ins", after]] : joined(compare(old, fresh));
  return steps.map(([kind, text]) => (kind === "same" ? text : element(kind, {}, text)));
}

function words(text, language) {
  return [...new Intl.Segmenter(language, { granularity: "word" }).segment(text)].map((item) => item.segment);
}

function compare(old, fresh) {
  const width = fresh.length + 1;
  const lengths = new Uint16Array((old.length + 1) * width);
  for (let row = old.length - 1; row >= 0; row--) {
    for (let column = fresh.length - 1; column >= 0; column--) {
      const same = old[row] === fresh[column];
      lengths[row * width + column] = same ? lengths[(row + 1) * width + column + 1] + 1 : Math.max(lengths[(row + 1) * width + column], lengths[row * width + column + 1]);
    }
  }
  const steps = [];
  let [row, column] = [0, 0];
  while (row < old.length || column < fresh.length) {
    if (row < old.length && old[row] === fresh[column]) steps.push(["same", old[row++]]) && column++;
    else if (column >= fresh.length || (row < old.length && lengths[(row + 1) * width + column] >= lengths[row * width + column + 1])) steps.push(["del", old[row++]]);
    else steps.push(["ins", fresh[column++]]);
  }
  return steps;
}

function joined(steps) {
  const runs = [];
  for (const [kind, text] of steps) {
    if (runs.at(-1)?.[0] === kind) runs.at(-1)[1] += text;
    else runs.push([kind, text]);
  }
  return runs;
}
