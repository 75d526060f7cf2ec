// Extraction pipelines with their runs and configuration.

import { badge, card, el, heading, link, nameOf, read, time } from "./dom.js";
import { fields, metadata } from "./detail.js";
import { TEXT, list } from "./table.js";

const STATUSES = [["", "any"], ...["success", "failure", "seen"].map((status) => [status, status])];

export async function pipelines([id], parameters) {
  if (id) return one(id, parameters);
  return [heading("Extraction pipelines"), await list("pipelines", parameters, {
    fields: [TEXT],
    columns: [
      { title: "Pipeline", cell: (row) => link(row.name, `pipelines/${row.id}`) },
      { title: "External id", class: "code", cell: (row) => row.externalId },
      { title: "Last run", cell: (row) => (row.latest ? badge(row.latest.status) : "–") },
      { title: "Last success", class: "time", cell: (row) => time(row.lastSuccess) },
      { title: "Last failure", class: "time", cell: (row) => time(row.lastFailure) },
      { title: "Last seen", class: "time", cell: (row) => time(row.lastSeen) },
      { title: "Message", class: "text", cell: (row) => row.latest?.message },
    ],
    empty: "There are no extraction pipelines.",
  })];
}

async function one(id, parameters) {
  const { row, dataSet, configs } = await read(`pipelines/${id}`);
  return [
    heading(row.name),
    el("h2", {}, "Runs"),
    await list(`pipelines/${id}`, parameters, {
      api: `pipelines/${id}/runs`,
      fields: [{ name: "status", label: "Status", options: STATUSES }],
      columns: [
        { title: "Time", class: "time", cell: (run) => time(run.createdTime) },
        { title: "Status", cell: (run) => badge(run.status) },
        { title: "Message", class: "text", cell: (run) => run.message },
      ],
      empty: "It has not run.",
    }),
    card("Configuration", configs.length ? configs.map((config, index) => el("details", { open: index === 0 },
      el("summary", {}, `Revision ${config.revision}, `, time(config.createdTime), config.description ? ` – ${config.description}` : ""),
      el("pre", {}, config.config ?? ""))) : el("p", { class: "soft" }, "It has none.")),
    card("Pipeline", fields(row, { without: ["name", "metadata"], known: { dataSetId: dataSet ? nameOf(dataSet) : null } })),
    metadata(row),
  ].filter(Boolean);
}
