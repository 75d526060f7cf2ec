// The time-series browser.

import { address, assetLinks, card, count, el, heading, link, nameOf, read, time } from "./dom.js";
import { fields, metadata } from "./detail.js";
import { plot } from "./plot.js";
import { TEXT, filters, list, table } from "./table.js";

export async function timeseries([id], parameters) {
  if (id) return one(id, parameters);
  return [heading("Time series"), await list("timeseries", parameters, {
    fields: [TEXT, { name: "asset", label: "asset", type: "hidden" }],
    columns: [
      { title: "Name", cell: (row) => link(nameOf(row), `timeseries/${row.id}`) },
      { title: "Kind", cell: kind },
      { title: "Latest", class: "number", cell: (row) => (row.latest ? String(row.latest[1]) : "–") },
      { title: "Unit", cell: (row) => row.unit },
      { title: "at", class: "time", cell: (row) => (row.latest ? time(row.latest[0]) : "") },
      { title: "Asset", cell: (row) => assetLinks(row.assets) },
      { title: "External id", class: "code", cell: (row) => row.externalId },
    ],
    empty: "No series has these words.",
  })];
}

function kind(row) {
  return [row.isString ? "text" : "number", row.isStep ? ", steps" : ""].join("");
}

async function one(id, parameters) {
  const [{ row, assets, dataSet }, data] = await Promise.all([read(`timeseries/${id}`), read(`timeseries/${id}/points`, parameters)]);
  const zoom = (from, to) => {
    location.hash = address(`timeseries/${id}`, { from, to });
  };
  return [
    heading(nameOf(row)),
    card(null,
      filters(`timeseries/${id}`, parameters, [
        { name: "from", label: "From", type: "datetime-local" },
        { name: "to", label: "to before", type: "datetime-local" },
      ]),
      plot(data.points, row, zoom),
      el("p", { class: "soft" }, `${count(data.total)} points${data.points.length < data.total ? `, ${count(data.points.length)} of them drawn` : ""}`,
        data.total > 1 ? " · drag over the plot to look closer" : ""),
    ),
    el("div", { class: "halves" },
      card("Latest points", table([
        { title: "Time", class: "time", cell: (point) => time(point[0]) },
        { title: row.unit || "Value", class: row.isString ? null : "number", cell: (point) => String(point[1]) },
      ], data.latest, "There are none.")),
      el("div", {},
        card("Series", fields(row, { without: ["metadata"], known: { assetId: assets.length ? assetLinks(assets) : null, dataSetId: dataSet ? nameOf(dataSet) : null } })),
        metadata(row),
      ),
    ),
  ];
}
