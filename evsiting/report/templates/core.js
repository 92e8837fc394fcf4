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

// ---- numbers: rounded to three figures, or in full
const group = (v, places) => v.toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places }).replace("-", "−");
function exact(v) {
  if (v === null || v === undefined) return "–";
  return v.toLocaleString("en-US", { maximumFractionDigits: Math.abs(v) >= 1000 ? 2 : 5 }).replace("-", "−");
}
function digits(v, figures = 3) {
  if (!v) return "0";
  const places = figures - 1 - Math.floor(Math.log10(Math.abs(v)));
  const factor = 10 ** Math.max(0, -places);
  return places > 0 ? String(+v.toFixed(Math.min(places, 12))).replace("-", "−") : group(Math.round(v / factor) * factor, 0);
}
const WORDS = new Set(["pack", "vehicle", "module", "cell", "unit", "car", "truck", "job-year"]);
const plural = (unit) => (WORDS.has(unit) ? unit + "s" : unit);
function quantity(v, unit, rate = "") {
  const scale = { kWh: [1e3, "Wh"], MWh: [1e6, "Wh"], t: [1, "t"] }[unit];
  if (scale) {
    const value = v * scale[0];
    for (const [step, prefix] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]])
      if (value >= step) return `${digits(value / step)} ${prefix}${scale[1]}${rate}`;
    return `${digits(value)} ${scale[1]}${rate}`;
  }
  return v >= 999500 ? `${digits(v / 1e6)} million ${plural(unit)}${rate}` : `${digits(v)} ${plural(unit)}${rate}`;
}
function usd(v) {
  const size = Math.abs(v), sign = v < 0 ? "−" : "";
  for (const [step, word] of [[1e12, " tn"], [1e9, " bn"], [1e6, " mn"]]) if (size >= step) return `${sign}USD ${digits(size / step)}${word}`;
  return `${sign}USD ${digits(size)}`;
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
  else if (!event.target.closest?.("#map-svg, #chart")) hideTip();
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
  which.textContent = n < first ? "this plan" : `plan ${n + 1} of ${DATA.plans.length}${DATA.front.knee !== null && n === first + DATA.front.knee ? ", the knee" : ""}`;
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
    for (const v of [...line.slice(4, 4 + DATA.periods.length), sum])
      tr.append(make("td", { "data-tip": `${exact(v)} ${unit}` }, group(v / factor, +places)));
    tr.append(make("td", {}, whole ? digits((100 * sum) / whole, 2) + " %" : ""), make("td", { class: "screen" }));
    fresh.append(tr);
  }
  fresh.lastChild?.classList.add("cut");
  row.after(fresh);
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
addEventListener("beforeprint", () => { for (const rest of document.querySelectorAll("details.rest")) rest.open = true; });
