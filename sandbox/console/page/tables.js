// Everything that one table shows well enough.

import { badge, count, el, heading, link, nameOf, time } from "./dom.js";
import { folded } from "./detail.js";
import { TEXT, list } from "./table.js";

const id = { title: "External id", class: "code", cell: (row) => row.externalId };
const name = { title: "Name", cell: (row) => row.name };
const description = { title: "Description", class: "text", cell: (row) => row.description };
const dataSet = { title: "Data set", cell: (row) => (row.dataSet ? nameOf(row.dataSet) : "") };
const space = { title: "Space", class: "code", cell: (row) => row.space };
const updated = { title: "Last updated", class: "time", cell: (row) => time(row.lastUpdatedTime) };
const all = { title: "", cell: (row) => folded("all", row) };

export const TABLES = {
  sequences: { title: "Sequences", columns: [name, id, { title: "Columns", cell: (row) => row.columns.map((column) => column.externalId).join(", ") },
    { title: "Rows", class: "number", cell: (row) => count(row.rows) }, { title: "Asset", cell: (row) => (row.assetId ? link("asset", `assets/${row.assetId}`) : "") }, dataSet, all] },
  relationships: { title: "Relationships", columns: [id, { title: "From", class: "code", cell: (row) => end(row, "source") },
    { title: "To", class: "code", cell: (row) => end(row, "target") }, { title: "Labels", cell: (row) => (row.labels ?? []).map((label) => label.externalId).join(", ") }, dataSet, all] },
  files: { title: "Files", columns: [name, id, { title: "Type", cell: (row) => row.mimeType }, { title: "Uploaded", cell: (row) => badge(row.uploaded ? "yes" : "no") }, dataSet, updated, all] },
  labels: { title: "Labels", columns: [name, id, description, dataSet] },
  datasets: { title: "Data sets", columns: [name, id, description, { title: "Write protected", cell: (row) => (row.writeProtected ? "yes" : "") }, updated, all] },
  groups: { title: "Groups", columns: [name, { title: "Source id", class: "code", cell: (row) => row.sourceId }, { title: "Capabilities", cell: capabilities }] },
  sessions: { title: "Sessions", columns: [{ title: "Id", class: "code", cell: (row) => String(row.id) }, { title: "Client", cell: (row) => row.clientId },
    { title: "Type", cell: (row) => row.type }, { title: "Status", cell: (row) => badge(row.status) }, { title: "Created", class: "time", cell: (row) => time(row.creationTime) }] },
  spaces: { title: "Spaces", columns: [space, name, description, updated] },
  containers: { title: "Containers", columns: [space, id, properties(), updated, all] },
  views: { title: "Views", columns: [space, id, { title: "Version", cell: (row) => row.version }, properties(), updated, all] },
  datamodels: { title: "Data models", columns: [space, id, { title: "Version", cell: (row) => row.version }, name,
    { title: "Views", class: "text", cell: (row) => (row.views ?? []).map((view) => view.externalId).join(", ") }, updated, all] },
  workflows: { title: "Workflows", columns: [id, description, { title: "Versions", cell: (row) => row.versions.map((each) => each.version).join(", ") },
    { title: "Triggers", cell: (row) => row.triggers.map((each) => each.externalId).join(", ") }, dataSet, updated, all] },
  instances: { title: "Instances", columns: [space, id, { title: "Version", class: "number", cell: (row) => String(row.version ?? "") },
    { title: "Properties", class: "text", cell: instanceProperties }, updated] },
};

export async function plain(path, parameters) {
  const { title, columns } = TABLES[path];
  return [heading(title), await list(path, parameters, { api: `tables/${path}`, columns, fields: [TEXT, { name: "asset", label: "asset", type: "hidden" }], empty: "There are none." })];
}

function end(row, side) {
  return `${row[`${side}Type`]} ${row[`${side}ExternalId`]}`;
}

function properties() {
  return { title: "Properties", class: "text", cell: (row) => Object.keys(row.properties ?? {}).join(", ") };
}

function instanceProperties(row) {
  return Object.entries(row.properties ?? {}).map(([source, values]) => el("div", {}, el("b", {}, source), " ",
    el("code", {}, Object.entries(values).map(([key, value]) => `${key} = ${JSON.stringify(value)}`).join(", "))));
}

function capabilities(row) {
  return el("ul", { class: "plain" }, (row.capabilities ?? []).flatMap((capability) => Object.entries(capability)
    .filter(([acl]) => acl.endsWith("Acl"))
    .map(([acl, { actions = [], scope = {} }]) => el("li", {}, el("b", {}, acl.replace(/Acl$/, "")), ` ${actions.join(", ")} `, el("code", {}, spelt(scope))))));
}

function spelt(scope) {
  const [[kind, content] = ["", {}]] = Object.entries(scope);
  return Object.keys(content ?? {}).length ? `${kind}: ${JSON.stringify(content)}` : kind;
}
