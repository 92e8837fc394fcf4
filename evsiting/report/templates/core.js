"use strict";
// Shared by the parts of the page: data, small helpers, hover, choice of plan, tables.
const DATA = JSON.parse(document.getElementById("evsiting-data").textContent);
const SVG = document.getElementById("map-svg").namespaceURI;
const byId = (id) => document.getElementById(id);

function make(name, attributes = {}, text = null, svg = false) {
  const node = svg ? document.createElementNS(SVG, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== null) node.textContent = text;
  return node;
}
const draw = (name, attributes = {}, text = null) => make(name, attributes, text, true);

// ---- numbers: the rules of evsiting/report/number_format.py
const minus = (text) => text.replace("-", "−");
const group = (v, places) => minus(v.toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places }));
const even = (v) => (Math.abs(v % 1) === 0.5 ? 2 * Math.round(v / 2) : Math.round(v));
function digits(v, figures = 3) {
  if (v === null || v === undefined || !isFinite(v)) return "–";
  if (!v) return "0";
  const order = (x) => +Math.abs(x).toExponential().split("e")[1];
  let places = figures - 1 - order(v);
  const rounded = +v.toPrecision(figures);
  if (order(rounded) > order(v)) places -= 1;
  if (places <= 0) {
    const step = 10 ** -(figures - 1 - order(v));
    return group(figures - 1 - order(v) > 0 ? Math.round(rounded) : even(v / step) * step, 0);
  }
  const text = group(rounded, Math.min(places, 20));
  return Math.abs(rounded - v) <= 1e-9 * Math.abs(v) ? text.replace(/\.?0+$/, "") : text;
}
function exact(v) {
  if (v === null || v === undefined || !isFinite(v)) return "–";
  if (Number.isInteger(v) && Math.abs(v) < 1e15) return group(v, 0);
  return Math.abs(v) >= 1000 ? group(v, 2) : digits(v, 7);
}
const SYMBOLS = new Set(["kg", "t", "km", "h", "USD", "MWh", "kWh", "L", "m2", "m3", "FTE", "%", "ha", "tCO2e"]);
function plural(unit, v = 2) {
  if (!unit || v === 1 || SYMBOLS.has(unit) || !/^[\p{Ll}-]+$/u.test(unit)) return unit;
  if (/(s|x|ch|sh)$/.test(unit)) return unit + "es";
  return /[^aeiou]y$/.test(unit) ? unit.slice(0, -1) + "ies" : unit + "s";
}
const SCALED = { Wh: [1, "Wh"], kWh: [1e3, "Wh"], MWh: [1e6, "Wh"], GWh: [1e9, "Wh"], W: [1, "W"], kW: [1e3, "W"], MW: [1e6, "W"] };
const MASS = { kg: 1e-3, t: 1 };
function quantity(v, unit, rate = "", figures = 3) {
  const reaches = (x, step) => +Math.abs(x).toPrecision(figures) >= step;
  if (unit in SCALED && v) {
    const value = v * SCALED[unit][0], base = SCALED[unit][1];
    for (const [step, prefix] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]])
      if (reaches(value, step)) return `${digits(value / step, figures)} ${prefix}${base}${rate}`;
    return `${digits(value, figures)} ${base}${rate}`;
  }
  if (unit in MASS && v) {
    const tonnes = v * MASS[unit];
    for (const [step, prefix] of [[1e9, "Gt"], [1e6, "Mt"], [1e3, "kt"], [1, "t"]])
      if (reaches(tonnes, step)) return `${digits(tonnes / step, figures)} ${prefix}${rate}`;
    return `${digits(1e3 * tonnes, figures)} kg${rate}`;
  }
  return (Math.abs(v) >= 999500 ? `${digits(v / 1e6, figures)} million ${plural(unit)}${rate}` : `${digits(v, figures)} ${plural(unit, v)}${rate}`).trim();
}
function usd(v, figures = 3) {
  const size = Math.abs(v), sign = v < 0 ? "−" : "";
  for (const [step, word] of [[1e12, " tn"], [1e9, " bn"], [1e6, " mn"]])
    if (+size.toPrecision(figures) >= step) return `${sign}USD ${digits(size / step, figures)}${word}`;
  return `${sign}USD ${digits(size, figures)}`;
}

// ---- hover
const tip = byId("tip");
function fill(box, content) {
  box.replaceChildren();
  if (typeof content === "string") { box.textContent = content; return; }
  box.append(make("b", {}, content.title));
  if (content.line) box.append(make("span", { class: "where" }, content.line));
  const list = make("dl");
  for (const [name, value] of content.rows) if (value) list.append(make("dt", {}, name), make("dd", {}, value));
  box.append(list);
}
function showTip(content, x, y) {
  fill(tip, content);
  tip.hidden = false;
  const { width, height } = tip.getBoundingClientRect();
  tip.style.left = Math.max(4, Math.min(x + 14, innerWidth - width - 8)) + "px";
  tip.style.top = (y + 18 + height > innerHeight ? Math.max(4, y - height - 12) : y + 18) + "px";
}
const hideTip = () => { tip.hidden = true; };
document.addEventListener("pointermove", (event) => {
  const holder = event.target.closest?.("[data-tip]");
  if (holder) showTip(holder.dataset.tip, event.clientX, event.clientY);
  else if (!event.target.closest?.("#map-svg, .chart")) hideTip();
});
document.addEventListener("focusin", (event) => {
  const holder = event.target.closest?.("[data-tip]");
  if (!holder) return hideTip();
  const box = holder.getBoundingClientRect();
  showTip(holder.dataset.tip, box.left, box.bottom - 10);
});
addEventListener("scroll", hideTip, { passive: true });

// ---- which plan the page shows
const state = { plan: DATA.chosen, product: -1, period: DATA.periods.length - 1, pin: -1, x: null, y: null };
const listeners = [];
function choosePlan(number) {
  const content = document.querySelector(`template[data-plan="${number}"]`).content;
  for (const slot of content.querySelectorAll("[data-slot]")) {
    const old = document.querySelector(`main [data-slot="${slot.dataset.slot}"]`);
    if (number !== state.plan || !old) old.replaceWith(slot.cloneNode(true));
  }
  state.plan = number;
  if (DATA.front) history.replaceState(null, "", `#plan-${number + 1}`);
  showWhich();
  listeners.forEach((tell) => tell());
}
function showWhich() {
  const which = byId("which");
  if (!which) return;
  const first = DATA.front.first, n = state.plan;
  which.textContent = n < first ? "this plan" : `plan ${n + 1} of ${DATA.plans.length}${DATA.front.pairs.some((pair) => pair.knee === n) ? ", the knee" : ""}`;
  for (const row of document.querySelectorAll("#front-table tr[data-plan]")) row.classList.toggle("sel", +row.dataset.plan === n);
}

// ---- ledgers: an item opens by place
function openItem(button) {
  const row = button.closest("tr"), table = row.closest("table"), { ledger, factor, places, unit } = table.dataset;
  const open = button.getAttribute("aria-expanded") === "true";
  button.setAttribute("aria-expanded", String(!open));
  button.textContent = open ? "▸" : "▾";
  while (row.nextElementSibling?.classList.contains("sub")) row.nextElementSibling.remove();
  if (open) return;
  const lines = DATA.plans[state.plan].ledgers[ledger].filter((line) => DATA.itemCodes[line[0]] === row.dataset.item)
    .map((line) => ({ line, sum: line.slice(4).reduce((a, b) => a + b, 0) })).sort((a, b) => Math.abs(b.sum) - Math.abs(a.sum));
  const whole = lines.reduce((a, l) => a + l.sum, 0);
  const fresh = document.createDocumentFragment();
  for (const { line, sum } of lines) {
    const tr = make("tr", { class: "sub" });
    const parts = [line[1] < 0 ? "" : placeName(line[1]), line[2] < 0 ? "" : DATA.kinds[line[2]].name, line[3] < 0 ? "" : DATA.programs[line[3]]];
    tr.append(make("th", {}, parts.filter(Boolean).join(", ") || "all"));
    for (const v of [...DATA.spans.map((part) => part.reduce((a, t) => a + (line[4 + t] || 0), 0)), sum])
      tr.append(make("td", { "data-tip": `${exact(v)} ${unit}` }, group(v / factor, +places)));
    tr.append(make("td", {}, whole ? digits((100 * sum) / whole, 2) + " %" : ""), make("td", { class: "screen" }));
    fresh.append(tr);
  }
  fresh.lastChild?.classList.add("cut");
  row.after(fresh);
  table.classList.remove("cards");
  cards();
}
function placeName(n) {
  const [, name, where] = DATA.places[n];
  return where ? `${name} (${where})` : name;
}

// ---- tables sort by a click on a heading
function sortBy(heading) {
  const table = heading.closest("table"), column = [...heading.parentNode.children].indexOf(heading);
  const up = heading.getAttribute("aria-sort") === "descending";
  for (const other of heading.parentNode.children) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", up ? "ascending" : "descending");
  const key = (row) => {
    const cell = row.children[column], raw = cell.dataset.value ?? cell.textContent, value = parseFloat(raw);
    return isNaN(value) || !/^-?[\d.]/.test(raw) ? raw : value;
  };
  for (const body of table.tBodies) {
    const rows = [...body.rows].filter((r) => !r.classList.contains("group"));
    if (rows.some((r) => r.classList.contains("extra"))) body.extra ??= rows.findIndex((r) => r.classList.contains("extra"));
    rows.sort((a, b) => {
      const x = key(a), y = key(b);
      const order = typeof x === "number" && typeof y === "number" ? x - y : typeof x === "number" ? 1 : typeof y === "number" ? -1 : x.localeCompare(y);
      return up ? order : -order;
    });
    rows.forEach((row, n) => row.classList.toggle("extra", body.extra !== undefined && n >= body.extra));
    body.append(...rows);
  }
}
document.addEventListener("click", (event) => {
  const target = event.target;
  const more = target.closest("button.more"), heading = target.closest("th[data-sort]"), plan = target.closest("tr[data-plan]"), plant = target.closest("tr[data-place]");
  const all = target.closest("button.all");
  if (more) openItem(more);
  else if (all) {
    const open = all.previousElementSibling.querySelector("table").classList.toggle("whole");
    all.setAttribute("aria-expanded", String(open));
    all.textContent = open ? "Show fewer rows" : `Show all ${all.previousElementSibling.querySelectorAll("tbody tr").length} rows`;
  }
  else if (heading) sortBy(heading);
  else if (plan) choosePlan(+plan.dataset.plan);
  else if (plant) { pinPlace(plant.dataset.place); byId("map").scrollIntoView({ behavior: "smooth" }); }
});
document.documentElement.classList.add("js");

// ---- on a phone a table that is wider than the page becomes cards: a row is a head and its figures, each with its heading
const phone = matchMedia("(max-width: 640px)");
function cards() {
  for (const table of document.querySelectorAll("main .scroll > table:not(.cards)")) {
    const head = table.tHead?.rows[0];
    if (!phone.matches || !head || !table.offsetParent || table.scrollWidth <= table.parentNode.clientWidth + 1) continue;
    const labels = [...head.cells].map((cell) => [...cell.childNodes].map((part) => part.textContent.trim()).join(" ").trim());
    for (const row of [...table.tBodies, ...(table.tFoot ? [table.tFoot] : [])].flatMap((body) => [...body.rows]))
      [...row.cells].forEach((cell, n) => {
        if (cell.tagName !== "TD") return;
        if (labels[n]) cell.dataset.label = labels[n];
        cell.classList.toggle("blank", ["", "–"].includes(cell.textContent.trim()));
        cell.classList.toggle("wide", cell.textContent.length + (labels[n] || "").length > 24);
      });
    table.classList.add("cards");
  }
}
listeners.push(cards);
phone.addEventListener("change", cards);
document.addEventListener("toggle", cards, true);
addEventListener("load", cards);
