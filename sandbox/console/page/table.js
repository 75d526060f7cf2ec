// Lists: a table, a form of filters that live in the page's address, and pages read from the server.

import { address, card, count, el, link, read } from "./dom.js";

export function table(columns, rows, empty = "Nothing here.") {
  if (!rows.length) return el("p", { class: "soft" }, empty);
  return el("div", { class: "wide" }, el("table", {},
    el("thead", {}, el("tr", {}, columns.map((column) => el("th", { class: column.class }, column.title)))),
    el("tbody", {}, rows.map((row) => el("tr", {}, columns.map((column) => el("td", { class: column.class, "data-title": column.title }, column.cell(row) ?? ""))))),
  ));
}

// fields: {name, label, options?: [[value, text]], type?: "datetime-local" | "hidden"}
export function filters(path, parameters, fields) {
  const submit = (event) => {
    event.preventDefault();
    const values = {};
    for (const [name, value] of new FormData(event.currentTarget)) {
      const field = fields.find((each) => each.name === name);
      values[name] = field.type === "datetime-local" && value ? Date.parse(`${value}Z`) : value.trim();
    }
    location.hash = address(path, values);
  };
  const shown = fields.filter((field) => field.type !== "hidden");
  const hidden = fields.filter((field) => field.type === "hidden" && parameters[field.name]);
  return el("form", { class: "filters", submit },
    shown.map((field) => el("label", {}, el("span", {}, field.label), control(field, parameters[field.name] ?? ""))),
    hidden.map((field) => el("input", { type: "hidden", name: field.name, value: parameters[field.name] })),
    hidden.map((field) => el("span", { class: "badge plain" }, `${field.label} ${parameters[field.name]}`)),
    el("button", { type: "submit" }, "Filter"),
    Object.keys(parameters).length ? link("Clear", path) : null,
  );
}

function control(field, value) {
  if (field.options) {
    const known = field.options.some(([option]) => option === value) || !value ? field.options : [...field.options, [value, value]];
    return el("select", { name: field.name, change: (event) => event.target.form.requestSubmit() },
      known.map(([option, text]) => el("option", { value: option, selected: option === value }, text)));
  }
  const shown = field.type === "datetime-local" && value ? new Date(Number(value)).toISOString().slice(0, 16) : value;
  return el("input", { name: field.name, type: field.type ?? "search", value: shown, placeholder: field.placeholder });
}

export function pager(path, parameters, page) {
  const { total, offset, items } = page;
  const step = (to) => address(path, { ...parameters, offset: to || "" });
  const limit = Number(parameters.limit ?? 100);
  return el("p", { class: "pager" },
    el("span", {}, total ? `${count(offset + 1)}–${count(offset + items.length)} of ${count(total)}` : "0"),
    offset > 0 ? el("a", { href: step(Math.max(0, offset - limit)), rel: "prev" }, "‹ Previous") : null,
    offset + items.length < total ? el("a", { href: step(offset + limit), rel: "next" }, "Next ›") : null,
  );
}

export async function list(path, parameters, { api = path, fixed = {}, columns, fields = [], empty }) {
  const page = await read(api, { ...parameters, ...fixed });
  return card(null,
    fields.length ? filters(path, parameters, fields) : null,
    table(columns, page.items, empty),
    pager(path, parameters, page),
  );
}

export const TEXT = { name: "text", label: "Text", placeholder: "name, id …" };
