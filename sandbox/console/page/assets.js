// The asset hierarchy: a tree that is read branch by branch, and the asset that is chosen.

import { card, count, el, heading, link, nameOf, read } from "./dom.js";
import { fields, metadata } from "./detail.js";
import { TEXT, filters, pager, table } from "./table.js";

let tree = null;

export function forgetTree() {
  tree = null;
}

export async function assets([id], parameters) {
  if (parameters.text) return [heading("Assets"), await found(parameters)];
  if (!tree) tree = await branch(null);
  const chosen = id ? await read(`assets/${id}`) : null;
  if (chosen) await reveal([...chosen.path, chosen.row]);
  for (const each of tree.querySelectorAll("[aria-current]")) each.removeAttribute("aria-current");
  tree.querySelector(`a[data-id="${Number(id)}"]`)?.setAttribute("aria-current", "true");
  return [
    heading("Assets"),
    el("div", { class: "panes" },
      card(null, filters("assets", {}, [TEXT]), tree),
      el("div", {}, chosen ? detail(chosen) : card(null, el("p", { class: "soft" }, "Choose an asset to see what it holds and what is linked to it."))),
    ),
  ];
}

async function found(parameters) {
  const page = await read("assets", parameters);
  return card(null, filters("assets", parameters, [TEXT]), table([
    { title: "Name", cell: (row) => link(row.name, `assets/${row.id}`) },
    { title: "External id", class: "code", cell: (row) => row.externalId },
    { title: "Description", cell: (row) => row.description },
  ], page.items, "No asset has these words."), pager("assets", parameters, page));
}

async function branch(parent, offset = 0) {
  const page = await read("assets", { parent, offset, limit: 200 });
  if (!page.total) return el("p", { class: "soft" }, "There are no assets.");
  const list = el("ul", { class: parent === null ? "tree" : null }, page.items.map(leaf));
  const left = page.total - offset - page.items.length;
  if (left > 0) {
    const more = el("li", {}, el("button", { type: "button", class: "more", click: async () => {
      more.replaceWith(...(await branch(parent, offset + page.items.length)).childNodes);
    } }, `${count(left)} more …`));
    list.append(more);
  }
  return list;
}

function leaf(row) {
  const name = el("a", { href: `#/assets/${row.id}`, "data-id": row.id, title: row.externalId }, row.name);
  if (!row.children) return el("li", {}, el("span", { class: "twig" }), name);
  const toggle = el("button", { type: "button", class: "twig", "aria-expanded": "false", "aria-label": `Open ${row.name}` });
  const item = el("li", { "data-branch": row.id }, toggle, name, el("span", { class: "count" }, count(row.children)));
  toggle.addEventListener("click", () => (toggle.getAttribute("aria-expanded") === "true" ? close(item) : open(item)));
  return item;
}

async function open(item) {
  const toggle = item.querySelector("button");
  if (toggle.getAttribute("aria-expanded") === "true") return;
  toggle.setAttribute("aria-expanded", "true");
  item.append(await branch(item.dataset.branch));
}

function close(item) {
  item.querySelector("button").setAttribute("aria-expanded", "false");
  item.querySelector("ul").remove();
}

async function reveal(path) {
  for (const { id } of path.slice(0, -1)) {
    const item = tree.querySelector(`li[data-branch="${id}"]`);
    if (!item) return; // behind "more"
    await open(item);
  }
}

const LINKED = [["events", "events"], ["timeseries", "time series"], ["sequences", "sequences"], ["files", "files"]];

function detail({ row, path, dataSet, children, linked, relationships }) {
  const links = LINKED.filter(([name]) => linked[name]).map(([name, text]) => el("li", {}, link(`${count(linked[name])} ${text}`, name, { asset: row.id })));
  return [
    card(row.name,
      path.length ? el("p", { class: "crumbs" }, path.map((asset) => [link(nameOf(asset), `assets/${asset.id}`), " › "]), row.name) : null,
      fields(row, { without: ["metadata", "name"], known: { dataSetId: dataSet ? nameOf(dataSet) : null } }),
      el("ul", { class: "chips" }, children ? el("li", {}, `${count(children)} children`) : null, links),
    ),
    relationshipCard(relationships),
    metadata(row),
  ];
}

const PLACES = { asset: "assets", event: "events", timeSeries: "timeseries" };

export function relationshipCard(rows) {
  if (!rows.length) return null;
  return card("Relationships", table([
    { title: "", cell: (row) => row.direction },
    { title: "Resource", cell: (row) => (PLACES[row.type] && row.id ? link(row.name, `${PLACES[row.type]}/${row.id}`) : row.name) },
    { title: "Type", cell: (row) => row.type },
    { title: "Labels", cell: (row) => row.labels.join(", ") },
    { title: "External id", class: "code", cell: (row) => row.externalId },
  ], rows));
}
