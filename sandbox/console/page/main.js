// The frame: which view an address shows.

import { count, el, read } from "./dom.js";
import { assets, forgetTree } from "./assets.js";
import { events } from "./events.js";
import { calls, functions, schedules } from "./functions.js";
import { overview } from "./overview.js";
import { pipelines } from "./pipelines.js";
import { raw } from "./raw.js";
import { requests } from "./requests.js";
import { timeseries } from "./series.js";
import { TABLES, plain } from "./tables.js";

export const GROUPS = [
  ["Factory", [["assets", "Assets"], ["events", "Events"], ["timeseries", "Time series"], ["sequences", "Sequences"],
    ["relationships", "Relationships"], ["files", "Files"], ["labels", "Labels"]]],
  ["Extraction", [["functions", "Functions"], ["calls", "Calls"], ["schedules", "Schedules"], ["pipelines", "Pipelines"], ["raw", "RAW"], ["workflows", "Workflows"]]],
  ["Project", [["datasets", "Data sets"], ["groups", "Groups"], ["sessions", "Sessions"]]],
  ["Data modeling", [["spaces", "Spaces"], ["containers", "Containers"], ["views", "Views"], ["datamodels", "Data models"], ["instances", "Instances"]]],
  ["Server", [["requests", "Requests"]]],
];

const VIEWS = { assets, events, timeseries, functions, calls, schedules, pipelines, raw, requests };
for (const name of Object.keys(TABLES)) VIEWS[name] = (rest, parameters) => plain(name, parameters);

let shown = 0;

async function show() {
  const mine = ++shown;
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [name, ...rest] = path.split("/").map(decodeURIComponent);
  const parameters = Object.fromEntries(new URLSearchParams(query));
  const main = document.querySelector("main");
  main.setAttribute("aria-busy", "true");
  let content;
  try {
    const totals = await read("overview");
    if (mine === shown) frame(totals, name);
    if (!name) content = overview(totals);
    else if (VIEWS[name]) content = await VIEWS[name](rest, parameters);
    else content = el("p", {}, `There is no view ${name}.`);
  } catch (error) {
    content = el("p", { class: "error", role: "alert" }, `This cannot be shown: ${error.message}`);
  }
  if (mine !== shown) return; // another view was asked for meanwhile
  main.replaceChildren(...[content].flat());
  main.removeAttribute("aria-busy");
}

function frame(totals, current) {
  document.querySelector("#project").textContent = totals.project;
  const label = GROUPS.flatMap(([, views]) => views).find(([name]) => name === current)?.[1];
  document.title = `${label ?? "Overview"} · Local CDF`;
  document.querySelector("nav").replaceChildren(...GROUPS.map(([title, views]) => el("div", {}, el("h2", {}, title),
    views.map(([name, text]) => el("a", { href: `#/${name}`, "aria-current": name === current ? "page" : null },
      text, el("span", { class: "count" }, count(totals.counts[name])))))));
  const active = document.querySelector('nav [aria-current="page"]');
  if (active && matchMedia("(max-width: 760px)").matches) active.scrollIntoView({ inline: "center", block: "nearest" });
}

export function reload() {
  forgetTree();
  return show();
}

addEventListener("hashchange", () => {
  scrollTo(0, 0);
  show();
});
document.querySelector("#reload").addEventListener("click", reload);
show();
