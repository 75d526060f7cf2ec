// The event browser.

import { assetLinks, badge, card, count, duration, heading, link, nameOf, read, time } from "./dom.js";
import { fields, metadata } from "./detail.js";
import { relationshipCard } from "./assets.js";
import { TEXT, list } from "./table.js";

export async function events([id], parameters) {
  if (id) return one(await read(`events/${id}`));
  const types = (await read("events/types")).items;
  return [heading("Events"), await list("events", parameters, {
    fields: [
      { name: "type", label: "Type", options: options(types, "type") },
      { name: "subtype", label: "Subtype", options: options(types.filter((row) => !parameters.type || row.type === parameters.type), "subtype") },
      TEXT,
      { name: "from", label: "Starts from", type: "datetime-local" },
      { name: "to", label: "and before", type: "datetime-local" },
      { name: "asset", label: "asset", type: "hidden" },
    ],
    columns: [
      { title: "Start", class: "time", cell: (row) => time(row.startTime) },
      { title: "Lasted", class: "number", cell: (row) => ("endTime" in row && "startTime" in row ? duration(row.endTime - row.startTime) : "") },
      { title: "Type", cell: (row) => row.type },
      { title: "Subtype", cell: (row) => (row.subtype ? badge(row.subtype) : "") },
      { title: "Event", cell: (row) => link(row.description || row.externalId || String(row.id), `events/${row.id}`) },
      { title: "Assets", cell: (row) => assetLinks(row.assets) },
    ],
    empty: "No event passes these filters.",
  })];
}

function options(rows, name) {
  const counts = new Map();
  for (const row of rows) if (row[name]) counts.set(row[name], (counts.get(row[name]) ?? 0) + row.count);
  return [["", "any"], ...[...counts].sort().map(([value, number]) => [value, `${value} (${count(number)})`])];
}

function one({ row, assets, dataSet, relationships }) {
  return [
    heading(row.description || row.externalId || String(row.id), row.subtype ? badge(row.subtype) : null),
    card(null, fields(row, { without: ["metadata"], known: { assetIds: assetLinks(assets), dataSetId: dataSet ? nameOf(dataSet) : null } })),
    relationshipCard(relationships),
    metadata(row),
  ].filter(Boolean);
}
