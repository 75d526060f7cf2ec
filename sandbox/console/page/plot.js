// A series as a picture: lines between points, steps for step series, bands for texts.

import { el, svg, time } from "./dom.js";

const HEIGHT = 300, LEFT = 64, RIGHT = 12, TOP = 12, BOTTOM = 28;
const COLOURS = 6;

export function plot(points, { isStep, isString }, zoom) {
  if (!points.length) return el("p", { class: "soft" }, "There are no points in this stretch of time.");
  const width = matchMedia("(max-width: 760px)").matches ? 380 : 1000;
  const right = width - RIGHT;
  const begin = points[0][0], end = Math.max(points.at(-1)[0], begin + 1);
  const x = (when) => LEFT + ((when - begin) / (end - begin)) * (right - LEFT);
  const height = isString ? 110 : HEIGHT;
  const drawn = isString ? bands(points, x, height) : curve(points, x, isStep, height, right);
  const marker = svg("line", { class: "marker", y1: TOP, y2: height - BOTTOM, visibility: "hidden" });
  const said = el("p", { class: "said", "aria-live": "off" }, "\u00a0");
  const picture = svg("svg", { class: "plot", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Points over time" },
    timeAxis(begin, end, x, height, right), drawn.body, marker);
  const at = (event) => {
    const box = picture.getBoundingClientRect();
    const place = ((event.clientX - box.left) / box.width) * width;
    return Math.round(begin + (Math.min(Math.max(place, LEFT), right) - LEFT) / (right - LEFT) * (end - begin));
  };
  let from = null;
  const selection = svg("rect", { class: "selection", y: TOP, height: height - TOP - BOTTOM, visibility: "hidden" });
  picture.append(selection);
  picture.addEventListener("pointerdown", (event) => { from = at(event); });
  picture.addEventListener("pointermove", (event) => {
    const when = at(event);
    const point = nearest(points, when);
    for (const side of ["x1", "x2"]) marker.setAttribute(side, x(point[0]));
    marker.setAttribute("visibility", "visible");
    said.replaceChildren(time(point[0]), ` · ${point[1]}`);
    if (from === null) return;
    selection.setAttribute("visibility", "visible");
    selection.setAttribute("x", Math.min(x(from), x(when)));
    selection.setAttribute("width", Math.abs(x(from) - x(when)));
  });
  picture.addEventListener("pointerup", (event) => {
    const to = at(event);
    if (from !== null && Math.abs(x(to) - x(from)) > 8) zoom(Math.min(from, to), Math.max(from, to) + 1);
    from = null;
    selection.setAttribute("visibility", "hidden");
  });
  return el("div", {}, drawn.key, el("div", { class: "wide" }, picture), said);
}

function nearest(points, when) {
  let low = 0, high = points.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle][0] < when) low = middle + 1;
    else high = middle;
  }
  const before = points[Math.max(0, low - 1)];
  return Math.abs(before[0] - when) <= Math.abs(points[low][0] - when) ? before : points[low];
}

function curve(points, x, isStep, height, right) {
  const values = points.map((point) => point[1]);
  const marks = ticks(values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b)), 5);
  const low = marks[0], high = marks.at(-1);
  const y = (value) => height - BOTTOM - ((value - low) / (high - low)) * (height - TOP - BOTTOM);
  const path = points.map(([when, value], index) => {
    const [px, py] = [x(when).toFixed(1), y(value).toFixed(1)];
    if (!index) return `M${px} ${py}`;
    return isStep ? `H${px}V${py}` : `L${px} ${py}`;
  }).join("");
  return { key: null, body: svg("g", {},
    marks.map((value) => [
      svg("line", { class: "grid", x1: LEFT, x2: right, y1: y(value), y2: y(value) }),
      svg("text", { class: "tick value", x: LEFT - 8, y: y(value) + 4 }, spelt(value)),
    ]),
    svg("path", { class: isStep ? "curve step" : "curve line", d: path }),
    points.length <= 80 ? points.map(([when, value]) => svg("circle", { class: "point", cx: x(when), cy: y(value), r: 2.5 })) : null,
  ) };
}

function bands(points, x, height) {
  const order = [...new Set(points.map((point) => point[1]))];
  const shade = (value) => `s${Math.min(order.indexOf(value), COLOURS - 1)}`;
  const last = x(points.at(-1)[0]);
  const body = svg("g", {}, points.map(([when, value], index) => {
    const until = index + 1 < points.length ? x(points[index + 1][0]) : last + 3;
    return svg("rect", { class: shade(value), x: x(when), y: TOP, width: Math.max(0.5, until - x(when)), height: height - TOP - BOTTOM }, svg("title", {}, value));
  }));
  const key = el("p", { class: "key" }, order.slice(0, COLOURS).map((value, index) =>
    el("span", {}, el("i", { class: `s${index}` }), index === COLOURS - 1 && order.length > COLOURS ? "others" : value)));
  return { key, body };
}

export function ticks(low, high, wanted) {
  if (low === high) [low, high] = low === 0 ? [0, 1] : [low - Math.abs(low) / 10, high + Math.abs(high) / 10];
  const rough = (high - low) / wanted, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough);
  const found = [];
  for (let index = Math.floor(low / step); index <= Math.ceil(high / step); index++) found.push(index * step);
  return found;
}

function spelt(value) {
  return Math.abs(value) >= 1e7 || (value !== 0 && Math.abs(value) < 1e-4) ? value.toExponential(1) : Number(value.toPrecision(8)).toLocaleString("en", { maximumFractionDigits: 6 });
}

const STEPS = [1, 5, 15, 60, 300, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 1_209_600, 2_592_000, 7_776_000, 31_536_000].map((s) => s * 1000);

function timeAxis(begin, end, x, height, right) {
  const most = Math.floor((right - LEFT) / 95);
  const step = STEPS.find((each) => (end - begin) / each <= most) ?? STEPS.at(-1) * Math.ceil((end - begin) / STEPS.at(-1) / most);
  const marks = [];
  for (let when = Math.ceil(begin / step) * step; when <= end; when += step) marks.push(when);
  return svg("g", {}, marks.map((when) => {
    const text = new Date(when).toISOString();
    const shown = step >= 86_400_000 ? text.slice(0, 10) : step >= 60_000 ? `${text.slice(5, 10)} ${text.slice(11, 16)}` : text.slice(11, 19);
    return [
      svg("line", { class: "grid", x1: x(when), x2: x(when), y1: TOP, y2: height - BOTTOM }),
      svg("text", { class: "tick", x: Math.min(Math.max(x(when), LEFT), right - 34), y: height - 8 }, shown),
    ];
  }));
}
