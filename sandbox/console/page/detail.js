// One row in full: its fields by name, deeper values as JSON.

import { card, el, time } from "./dom.js";

const TIMES = /(Time|created|lastSeen|lastSuccess|lastFailure|lastCalled|expires|uploadedTime)$/;

export function fields(row, { without = [], known = {} } = {}) {
  const names = Object.keys(row).filter((name) => !without.includes(name) && row[name] !== null && row[name] !== undefined && row[name] !== "");
  return el("dl", { class: "fields" }, names.map((name) => [el("dt", {}, name), el("dd", {}, known[name] ?? value(name, row[name]))]));
}

function value(name, content) {
  if (typeof content === "number" && TIMES.test(name)) return time(content);
  if (typeof content === "object") {
    const text = JSON.stringify(content);
    return text.length <= 120 ? el("code", {}, text) : json(content);
  }
  return String(content);
}

export function metadata(row) {
  const pairs = Object.entries(row.metadata ?? {});
  if (!pairs.length) return null;
  return card("Metadata", el("dl", { class: "fields" }, pairs.map(([key, text]) => [el("dt", {}, key), el("dd", {}, String(text))])));
}

export function json(content) {
  return el("pre", {}, JSON.stringify(content, null, 2));
}

export function folded(title, content) {
  return el("details", {}, el("summary", {}, title), json(content));
}
