// Functions, their calls with logs, and their schedules.

import { badge, card, count, duration, el, heading, link, read, time } from "./dom.js";
import { fields, json } from "./detail.js";
import { list, table } from "./table.js";
import { reload } from "./main.js";

const STATUSES = [["", "any"], ...["Running", "Completed", "Failed", "Timeout", "ConcurrencyLimitExceeded"].map((status) => [status, status])];

export async function functions([id], parameters) {
  const rows = (await read("functions")).items;
  if (id) return one(rows.find((row) => String(row.id) === id), parameters);
  return [heading("Functions"), card(null, table([
    { title: "Function", cell: (row) => link(row.name, `functions/${row.id}`) },
    { title: "External id", class: "code", cell: (row) => row.externalId },
    { title: "Status", cell: (row) => badge(row.status) },
    { title: "Runtime", cell: (row) => row.runtime },
    { title: "Calls", cell: (row) => Object.entries(row.calls).map(([status, number]) => [link(`${count(number)} ${status.toLowerCase()}`, "calls", { function: row.id, status }), " "]) },
    { title: "Last called", class: "time", cell: (row) => time(row.lastCalled) },
  ], rows, "No function is deployed."))];
}

async function one(row, parameters) {
  if (!row) throw new Error("there is no such function");
  return [
    heading(row.name, badge(row.status)),
    card(null, fields(row, { without: ["name", "status", "calls", "error"] })),
    failure(row.error),
    el("h2", {}, "Calls"),
    await list(`functions/${row.id}`, parameters, { api: "calls", fixed: { function: row.id }, columns: CALLS.filter((column) => column.title !== "Function"), fields: [{ name: "status", label: "Status", options: STATUSES }], empty: "It has not been called." }),
  ].filter(Boolean);
}

const CALLS = [
  { title: "Started", class: "time", cell: (row) => link(time(row.startTime), `calls/${row.id}`) },
  { title: "Function", cell: (row) => link(row.function, `functions/${row.functionId}`) },
  { title: "Status", cell: (row) => badge(row.status) },
  { title: "Took", class: "number", cell: (row) => (row.endTime ? duration(row.endTime - row.startTime) : "") },
  { title: "Schedule", cell: (row) => row.schedule },
  { title: "Log lines", class: "number", cell: (row) => count(row.logLines) },
  { title: "Requests", cell: (row) => link("requests", "requests", { call: row.id }) },
  { title: "Error", class: "text", cell: (row) => reason(row.error) },
];

// A deployment fails with an object of message and trace, a call with a text; its trace is in its log.
function reason(error) {
  return typeof error === "object" ? error?.message : error;
}

function failure(error) {
  if (!error) return null;
  return card("Error", el("p", { class: "error" }, reason(error)), error.trace ? el("pre", {}, error.trace) : null);
}

export async function calls([id], parameters) {
  if (id) return call(await read(`calls/${id}`));
  return [heading("Calls"), await list("calls", parameters, {
    fields: [{ name: "status", label: "Status", options: STATUSES }, { name: "function", label: "function", type: "hidden" }, { name: "schedule", label: "schedule", type: "hidden" }],
    columns: CALLS,
    empty: "No function has been called.",
  })];
}

function call({ row, logs, response }) {
  const here = location.hash;
  if (row.status === "Running") setTimeout(() => location.hash === here && reload(), 2000);
  return [
    heading(["Call of ", link(row.function, `functions/${row.functionId}`)], badge(row.status)),
    card(null, fields(row, { without: ["function", "logLines", "status", "error"] }), el("p", {}, link("Its requests to CDF", "requests", { call: row.id }))),
    failure(row.error),
    response === null ? null : card("Answer", json(response)),
    card("Log", table([
      { title: "Time", class: "time", cell: (line) => time(line.timestamp) },
      { title: "Line", class: "log", cell: (line) => line.message },
    ], logs, "It has logged nothing.")),
  ].filter(Boolean);
}

export async function schedules() {
  const rows = (await read("schedules")).items;
  const clock = await (await fetch("/__cdf__/clock")).json();
  const firing = clock.cron
    ? [badge("firing"), el("span", { class: "soft" }, "by a clock that shows ", time(Date.parse(clock.now)))]
    : [badge("not firing"), el("span", { class: "soft" }, "switched off: a schedule makes its call only when it is asked to, by POST /__cdf__/schedules/…/run")];
  return [heading("Schedules", ...firing), card(null, table([
    { title: "Schedule", cell: (row) => row.name },
    { title: "Function", cell: (row) => link(row.function, `functions/${row.functionId}`) },
    { title: "Cron (UTC)", class: "code short", cell: (row) => row.cronExpression },
    { title: "Next call", class: "time", cell: (row) => (clock.cron ? time(row.nextFire) : "on demand") },
    { title: "Runs as", cell: (row) => row.client },
    { title: "Session", cell: (row) => (row.session ? badge(row.session) : "") },
    { title: "Data", class: "code", cell: (row) => (row.data ? JSON.stringify(row.data) : "") },
    { title: "Calls", cell: (row) => link("calls", "calls", { schedule: row.id }) },
  ], rows, "There are no schedules."))];
}
