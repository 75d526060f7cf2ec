// RAW: databases, tables, rows.

import { card, count, el, heading, link, read, time } from "./dom.js";
import { json } from "./detail.js";
import { list } from "./table.js";

export async function raw([database, table], parameters) {
  if (table !== undefined) return rows(database, table, parameters);
  const { items } = await read("raw");
  return [heading("RAW"), ...(items.length ? items.map(databaseCard) : [card(null, el("p", { class: "soft" }, "There are no databases."))])];
}

function place(database, table) {
  return `raw/${encodeURIComponent(database)}/${encodeURIComponent(table)}`;
}

function databaseCard({ database, tables }) {
  return card(database, tables.length ? el("ul", { class: "chips" }, tables.map((table) =>
    el("li", {}, link(table.name, place(database, table.name)), el("span", { class: "count" }, count(table.rows))))) : el("p", { class: "soft" }, "It has no tables."));
}

async function rows(database, table, parameters) {
  return [heading([link("RAW", "raw"), ` › ${database} › ${table}`]), await list(place(database, table), parameters, {
    api: "raw/rows",
    fixed: { database, table },
    fields: [{ name: "text", label: "Key contains" }],
    columns: [
      { title: "Key", class: "code", cell: (row) => row.key },
      { title: "Last updated", class: "time", cell: (row) => time(row.lastUpdatedTime) },
      { title: "Columns", class: "text", cell: (row) => columns(row.columns) },
    ],
    empty: "No row has such a key.",
  })];
}

function columns(content) {
  const text = JSON.stringify(content);
  return text.length <= 160 ? el("code", {}, text) : el("details", {}, el("summary", {}, el("code", {}, `${text.slice(0, 160)}…`)), json(content));
}
