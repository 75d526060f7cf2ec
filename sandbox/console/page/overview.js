// What there is, at a glance.

import { card, count, el, heading } from "./dom.js";

const FIGURES = [
  ["assets", "asset"], ["events", "event"], ["timeseries", "time series", "time series"], ["sequences", "sequence"],
  ["relationships", "relationship"], ["functions", "function"], ["calls", "call of a function", "calls of functions"],
  ["schedules", "schedule"], ["pipelines", "extraction pipeline"], ["raw", "RAW database"], ["datasets", "data set"],
  ["requests", "request so far", "requests so far"],
];

export function overview(totals) {
  const empty = FIGURES.every(([name]) => name === "requests" || !totals.counts[name]);
  return [
    heading(`Project ${totals.project}`),
    el("section", { class: "figures" }, FIGURES.map(([name, one, many = `${one}s`]) =>
      el("a", { href: `#/${name}` }, el("b", {}, count(totals.counts[name])), el("span", {}, totals.counts[name] === 1 ? one : many)))),
    empty ? card(null, el("p", {}, "Nothing has been deployed or written yet.")) : null,
  ].filter(Boolean);
}
