// Elements, requests and formats. Text only ever becomes a text node, so nothing that CDF holds can become markup.

const SVG = "http://www.w3.org/2000/svg";

export function el(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

export function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

function filled(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

export async function read(path, parameters = {}) {
  const sent = Object.entries(parameters).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  const answer = await fetch(`api/${path}?${new URLSearchParams(sent)}`);
  const data = await answer.json().catch(() => null);
  if (!answer.ok) throw new Error(data?.error?.message ?? `${answer.status} ${answer.statusText}`);
  return data;
}

export function address(path, parameters = {}) {
  const sent = Object.entries(parameters).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return `#/${path}${sent.length ? `?${new URLSearchParams(sent)}` : ""}`;
}

export function link(text, path, parameters) {
  return el("a", { href: address(path, parameters) }, text);
}

export function time(ms) {
  if (ms === null || ms === undefined) return "";
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return String(ms);
  const text = date.toISOString().replace("T", " ").replace(".000Z", "").replace("Z", "");
  return el("time", { datetime: date.toISOString(), title: `${Number(ms)} ms` }, text);
}

export function duration(ms) {
  if (ms > 0 && ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return `${(ms / 3_600_000).toFixed(1)} h`;
}

export function count(value) {
  return Number(value).toLocaleString("en");
}

const GOOD = new Set(["success", "completed", "ready", "active", "firing"]);
const BAD = new Set(["failure", "failed", "timeout", "revoked", "concurrencylimitexceeded"]);
const BUSY = new Set(["running", "queued", "deploying", "not firing"]);

export function badge(text) {
  const word = String(text).toLowerCase();
  const tone = GOOD.has(word) ? "good" : BAD.has(word) ? "bad" : BUSY.has(word) ? "busy" : "plain";
  return el("span", { class: `badge ${tone}` }, String(text));
}

export function nameOf(row) {
  return row.name || row.externalId || String(row.id);
}

export function assetLinks(assets) {
  return assets.map((asset, index) => [index ? ", " : "", link(nameOf(asset), `assets/${asset.id}`)]);
}

export function card(title, ...children) {
  return el("section", {}, title ? el("h2", {}, title) : null, ...children);
}

export function heading(title, ...beside) {
  return el("div", { class: "heading" }, el("h1", {}, title), ...beside);
}
