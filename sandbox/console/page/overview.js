// What there is, at a glance.

import { card, count, el, heading } from "./dom.js";

const FIGURES = [
  ["assets", "assets"], ["events", "events"], ["timeseries", "time series"], ["sequences", "sequences"],
  ["relationships", "relationships"], ["functions", "functions"], ["calls", "calls of functions"], ["schedules", "schedules"],
  ["pipelines", "extraction pipelines"], ["raw", "RAW databases"], ["datasets", "data sets"], ["requests", "requests since the start"],
];

export function overview(totals) {
  const empty = FIGURES.every(([name]) => name === "requests" || !totals.counts[name]);
  return [
    heading(`Project ${totals.project}`),
    el("section", { class: "figures" }, FIGURES.map(([name, text]) =>
      el("a", { href: `#/${name}` }, el("b", {}, count(totals.counts[name])), el("span", {}, text)))),
    empty ? card(null, el("p", {}, "Nothing has been deployed or written yet.")) : null,
  ].filter(Boolean);
}
