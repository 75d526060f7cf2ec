// The record of requests.

import { card, count, duration, el, heading, link, read, time } from "./dom.js";
import { fields, json } from "./detail.js";
import { list } from "./table.js";

const METHODS = [["", "any"], ["GET", "GET"], ["POST", "POST"], ["PUT", "PUT"], ["DELETE", "DELETE"]];
const STATUSES = [["", "any"], ["2xx", "2xx"], ["4xx", "4xx"], ["5xx", "5xx"], ["0", "no answer"], ...["400", "401", "403", "404", "409", "429"].map((code) => [code, code])];

export async function requests([number], parameters) {
  if (number) return one(await read(`requests/${number}`));
  return [heading("Requests"), await list("requests", parameters, {
    fields: [
      { name: "path", label: "Path contains" },
      { name: "method", label: "Method", options: METHODS },
      { name: "status", label: "Status", options: STATUSES },
      { name: "client", label: "Client" },
      { name: "call", label: "Call" },
    ],
    columns: [
      { title: "At", class: "time", cell: (row) => time(Date.parse(row.at)) },
      { title: "", class: "code short", cell: (row) => row.method },
      { title: "Path", class: "code", cell: (row) => link(short(row.path) + (row.query ? `?${row.query}` : ""), `requests/${row.number}`) },
      { title: "Status", cell: (row) => status(row.status) },
      { title: "Took", class: "number", cell: (row) => duration(row.seconds * 1000) },
      { title: "Sent", class: "number", cell: (row) => (row.bytes ? `${count(row.bytes)} B` : "") },
      { title: "Client", cell: (row) => row.clientId },
      { title: "Call", cell: (row) => (row.callId ? link("call", `calls/${row.callId}`) : "") },
    ],
    empty: "No request passes these filters.",
  })];
}

function short(path) {
  return path.replace(/^\/api\/v1\/projects\/[^/]+/, "…");
}

function status(code) {
  // A connection that was broken on purpose has no status.
  return el("span", { class: `badge ${code && code < 300 ? "good" : code && code < 400 ? "plain" : "bad"}` }, code ? String(code) : "no answer");
}

function one(row) {
  return [
    heading([`${row.method} `, el("code", {}, row.path)], status(row.status)),
    card(null, fields(row, { without: ["body", "response", "method", "path", "status"], known: { at: time(Date.parse(row.at)), callId: link(String(row.callId), `calls/${row.callId}`) } })),
    el("div", { class: "halves" },
      card("Sent", row.body === null ? el("p", { class: "soft" }, "No JSON body.") : json(row.body)),
      card("Answered", row.response === null ? el("p", { class: "soft" }, "No JSON body, or one above 64 kB.") : json(row.response))),
  ];
}
