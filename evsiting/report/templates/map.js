// The map: land is in the page already; flows, markets and plants are drawn here for the chosen plan, product and years.
const svg = byId("map-svg"), world = byId("world");
const view = { k: 1, x: 0, y: 0, k0: 1 };
const MOST_DRAWN = 450;
let size = [1000, 700];

let printing = false;
function fit() {
  const box = svg.getBoundingClientRect(), paper = printing || matchMedia("print").matches;
  size = paper ? [930, 740] : [Math.max(300, box.width), Math.max(240, box.height)];
  svg.setAttribute("viewBox", `0 0 ${size[0]} ${size[1]}`);
  const [west, top, wide, high] = DATA.box;
  view.k0 = Math.min(size[0] / wide, size[1] / high);
  Object.assign(view, { k: view.k0, x: (size[0] - wide * view.k0) / 2 - west * view.k0, y: (size[1] - high * view.k0) / 2 - top * view.k0 });
  place();
}
function zoom(factor, cx = size[0] / 2, cy = size[1] / 2) {
  const k = Math.min(view.k0 * 40, Math.max(view.k0 * 0.4, view.k * factor)), f = k / view.k;
  Object.assign(view, { k, x: cx - (cx - view.x) * f, y: cy - (cy - view.y) * f });
  place();
}
// Where everything stands: the world moves and grows, symbols keep their size.
function place() {
  world.setAttribute("transform", `translate(${view.x.toFixed(2)},${view.y.toFixed(2)}) scale(${view.k.toFixed(5)})`);
  const grow = Math.min(2.2, Math.max(0.75, Math.sqrt(view.k / view.k0))) * Math.min(1.15, Math.max(0.62, size[0] / 850)), scale = grow / view.k;
  for (const node of byId("nodes").children)
    node.setAttribute("transform", `translate(${node.dataset.x},${node.dataset.y}) scale(${scale.toFixed(5)})`);
  const round = [2000, 1000, 500, 250, 200, 100, 50, 25, 10, 5].find((km) => km * view.k <= size[0] * 0.2) || 5;
  const [text, bar] = byId("scale-bar").children, right = size[0] - 16, low = size[1] - 14;
  text.textContent = `${group(round, 0)} km`;
  text.setAttribute("x", right);
  text.setAttribute("y", low - 9);
  bar.setAttribute("d", `M${(right - round * view.k).toFixed(1)} ${low - 5}V${low}H${right}V${low - 5}`);
  label(grow);
}

// ---- what is drawn
const LANE = { product: 0, from: 1, to: 2, mode: 3, km: 4, h: 5, freight: 6, duty: 7, kg: 8, x0: 9, y0: 10, x1: 11, y1: 12, cx: 13, cy: 14, port: 15, route: 16 };
const productColor = (n) => `var(--p${n})`;
function chosenFlows() {
  const plan = DATA.plans[state.plan], by = new Map();
  for (const [lane, period, units] of plan.flows) {
    const l = DATA.lanes[lane];
    if (period !== state.period || l[LANE.mode] === "on site" || (state.product >= 0 && l[LANE.product] !== state.product)) continue;
    by.set(lane, (by.get(lane) || 0) + units);
  }
  return [...by].map(([lane, units]) => ({ l: DATA.lanes[lane], units, t: (units * DATA.products[DATA.lanes[lane][LANE.product]].kg) / 1000 })).sort((a, b) => b.t - a.t);
}
// What a plant is in the chosen years; nothing where it does not stand yet, or no more.
function statusNow(p) {
  const status = DATA.statuses[p[3]], runs = p[4][state.period] > 0;
  if (status === "closed") {
    if (runs) return p[2] ? "new" : "existing";
    return p[2] && !p[4].slice(0, state.period).some((size) => size > 0) ? "" : "closed";
  }
  return runs ? status : "";
}
function standing() {
  const largest = {};
  const plants = DATA.plans[state.plan].plants;
  for (const p of plants) largest[p[1]] = Math.max(largest[p[1]] || 0, p[5]);
  return plants.map((p, n) => ({ p, n, size: (p[4][state.period] || p[5]) / largest[p[1]], status: statusNow(p) })).filter(({ status }) => status);
}
function redraw() {
  const flows = chosenFlows(), pinned = state.pin;
  const near = flows.filter(({ l }) => l[LANE.from] === pinned || l[LANE.to] === pinned);
  const drawn = [...new Set([...flows.slice(0, MOST_DRAWN), ...near])];
  drawFlows(drawn, flows.length ? flows[0].t : 1);
  drawNodes(drawn);
  legend(flows);
  const all = flows.reduce((a, f) => a + f.t, 0), some = drawn.reduce((a, f) => a + f.t, 0), left = DATA.plans[state.plan].left;
  const product = state.product < 0 ? "" : `, ${DATA.products[state.product].name}`;
  byId("map-note").textContent = [
    printing ? `${DATA.periods[state.period]}${product}.` : "",
    drawn.length < flows.length ? `The ${drawn.length} largest of ${flows.length} flows, ${digits((100 * some) / all)} % of the mass.${printing ? "" : " A click on a place shows all of its own."}` : "",
    left ? `${left} small shipments are only in the workbook.` : "",
  ].filter(Boolean).join(" ");
  svg.classList.toggle("dim", pinned >= 0);
  place();
}
function drawFlows(flows, widest) {
  const layer = byId("flows");
  layer.replaceChildren();
  if (!byId("show-flows").checked) return;
  for (const f of flows) {
    const l = f.l, d = `M${l[LANE.x0]},${l[LANE.y0]}Q${l[LANE.cx]},${l[LANE.cy]} ${l[LANE.x1]},${l[LANE.y1]}`;
    const hit = draw("path", { class: "hit", d }), hot = state.pin >= 0 && (l[LANE.from] === state.pin || l[LANE.to] === state.pin);
    hit.told = () => flowFacts(f);
    const line = draw("path", { class: hot ? "flow hot" : "flow", d });
    line.style.stroke = productColor(l[LANE.product]);
    line.style.strokeWidth = Math.max(0.5, 7 * (f.t / widest)).toFixed(2) + "px";
    layer.append(hit, line);
  }
}
function node(n, x, y, kind) {
  const g = draw("g", { class: `node ${kind}s`, "data-x": x, "data-y": y });
  g.code = n;
  return g;
}
function drawNodes(flows) {
  const layer = byId("nodes"), here = standing(), used = new Set(here.map(({ p }) => p[0])), linked = new Set();
  layer.replaceChildren();
  for (const { l } of flows) if (l[LANE.from] === state.pin || l[LANE.to] === state.pin) linked.add(l[LANE.from]).add(l[LANE.to]);
  const add = (g) => { if (linked.has(g.code) || g.code === state.pin) g.classList.add("hot"); layer.append(g); };
  if (byId("show-markets").checked) {
    const want = marketDemand(), most = Math.max(...want.values());
    for (const [n, units] of want) {
      const g = node(n, DATA.places[n][3], DATA.places[n][4], "market"), dot = draw("circle", { class: "market", r: (24 * Math.sqrt(units / most)).toFixed(1) });
      g.told = () => marketFacts(n);
      g.append(dot, draw("text", { class: "faint", visibility: "hidden" }, shortName(DATA.places[n][1])));
      Object.assign(g, { weight: -2 + units / most, half: [+dot.getAttribute("r"), +dot.getAttribute("r")] });
      add(g);
    }
  }
  if (byId("show-candidates").checked)
    DATA.places.forEach(([kind, , , x, y], n) => {
      if (kind !== 0 || used.has(n)) return;
      const g = node(n, x, y, "candidate");
      g.told = () => siteFacts(n);
      g.append(draw("circle", { class: "candidate", r: 2 }), draw("circle", { r: 7, fill: "transparent" }), draw("text", { class: "faint", visibility: "hidden" }, shortName(DATA.places[n][1])));
      Object.assign(g, { weight: -3, half: [2, 2] });
      add(g);
    });
  const ports = new Map();
  for (const { l } of flows) if (l[LANE.port]) ports.set(l[LANE.port], l);
  for (const [name, l] of ports) {
    const g = node(-2, l[LANE.x0], l[LANE.y0], "port");
    g.told = () => `Port of entry: ${name}`;
    g.append(draw("path", { class: "port", d: "M-4.5-4.5 4.5 4.5M4.5-4.5-4.5 4.5" }), draw("text", { class: "faint port-name", "text-anchor": "middle" }, shortName(name)));
    Object.assign(g, { weight: 0, half: [5, 5] });
    add(g);
  }
  const bySite = Map.groupBy ? Map.groupBy(here, ({ p }) => p[0]) : groupBy(here);
  for (const [n, plants] of bySite) {
    const g = node(n, DATA.places[n][3], DATA.places[n][4], "plant"), radii = plants.map(({ size }) => Math.max(3.6, 9.5 * Math.sqrt(size)));
    plants.sort((a, b) => a.p[1] - b.p[1]);
    let x = -radii.reduce((a, r) => a + r, 0);
    plants.forEach((one, k) => {
      const mark = draw("path", { class: `plant ${one.status} k${one.p[1]}`, d: DATA.kinds[one.p[1]].path });
      mark.setAttribute("transform", `translate(${(x + radii[k]).toFixed(2)},0) scale(${radii[k].toFixed(2)})`);
      mark.told = () => plantFacts(one);
      g.append(mark);
      if (one.status === "closed") g.append(draw("path", { class: "gone", d: "M-5-5 5 5M5-5-5 5", transform: `translate(${(x + radii[k]).toFixed(2)},0)` }));
      x += 2 * radii[k];
    });
    g.weight = plants.reduce((a, { status, size }) => a + size + (status === "new"), 0);
    g.half = [radii.reduce((a, r) => a + r, 0), Math.max(...radii)];
    g.append(draw("text", { "text-anchor": "middle", visibility: "hidden" }, shortName(DATA.places[n][1])));
    add(g);
  }
}
function groupBy(list) {
  const by = new Map();
  for (const one of list) by.set(one.p[0], [...(by.get(one.p[0]) || []), one]);
  return by;
}
// Names of the largest first, as many as find room; where there are few places, all of them.
const LONGEST_NAME = 30, FEW_PLACES = 30, MOST_NAMED = 60;
const shortName = (name) => { const one = name.replace(/\s+/g, " ").trim(); return one.length > LONGEST_NAME ? one.slice(0, LONGEST_NAME - 1) + "…" : one; };
const pen = document.createElement("canvas").getContext("2d");
const widths = new Map();
function widthOf(text) {
  if (!widths.has(text)) {
    pen.font = `11.5px ${getComputedStyle(document.body).fontFamily}`;
    widths.set(text, pen.measureText(text).width);
  }
  return widths.get(text);
}
const overlap = (a, b) => Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0])) * Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
function label(grow) {
  const layer = byId("nodes"), count = (kind) => layer.querySelectorAll(kind).length;
  const named = [".plants", ".ports", ...[".markets", ".candidates"].filter((kind) => count(kind) <= MOST_NAMED)];
  for (const kind of [".markets", ".candidates"]) if (!named.includes(kind)) for (const g of layer.querySelectorAll(kind)) g.lastElementChild.setAttribute("visibility", "hidden");
  const nodes = [...layer.querySelectorAll(named.join(","))].sort((a, b) => b.weight - a.weight), few = nodes.length <= FEW_PLACES;
  const boxes = nodes.map((g) => {
    const x = view.x + g.dataset.x * view.k, y = view.y + g.dataset.y * view.k, [w, h] = g.half.map((v) => v * grow);
    return [x - w, y - h, x + w, y + h];
  });
  const solid = boxes.filter((_, n) => !nodes[n].classList.contains("markets")), texts = [];
  nodes.forEach((g, n) => {
    const text = g.lastElementChild, name = text.textContent, [x0, y0, x1, y1] = boxes[n], x = (x0 + x1) / 2, y = (y0 + y1) / 2, [w, h] = g.half;
    const wide = widthOf(name) * grow * (text.classList.contains("faint") ? 0.88 : 1) + 4, high = 13 * grow, hot = g.classList.contains("hot");
    const spots = [[x - wide / 2, y0 - high - 1, 0, -h - 4, "middle"], [x - wide / 2, y1 + 1, 0, h + 12, "middle"], [x1 + 3, y - high / 2, w + 5, 4, "start"], [x0 - 3 - wide, y - high / 2, -w - 5, 4, "end"],
      [x1 + 1, y0 - high, w + 3, -h - 2, "start"], [x0 - 1 - wide, y0 - high, -w - 3, -h - 2, "end"], [x1 + 1, y1, w + 3, h + 10, "start"], [x0 - 1 - wide, y1, -w - 3, h + 10, "end"]];
    if (g.classList.contains("markets")) spots.unshift([x - wide / 2, y - high / 2, 0, 4, "middle"]);
    text.setAttribute("visibility", "hidden");
    if (!hot && texts.some((one) => one.name === name && Math.hypot(one.x - x, one.y - y) < 60)) return;
    let best = null;
    for (const [left, top, dx, dy, anchor] of spots) {
      const spot = [left, top, left + wide, top + high];
      const outside = spot[0] < 2 || spot[1] < 2 || spot[2] > size[0] - 2 || spot[3] > size[1] - 2;
      const hidden = solid.reduce((a, t) => a + (t === boxes[n] ? 0 : overlap(spot, t)), 0) + texts.reduce((a, one) => a + 2 * overlap(spot, one.spot), 0) + (outside ? wide * high : 0);
      if (best === null || hidden < best.hidden) best = { hidden, spot, dx, dy, anchor };
      if (!hidden) break;
    }
    if (best.hidden > (few || hot ? 0.9 * wide * high : 0)) return;
    texts.push({ spot: best.spot, name, x, y });
    for (const [key, value] of [["x", best.dx], ["y", best.dy], ["text-anchor", best.anchor], ["visibility", "visible"]]) text.setAttribute(key, value);
  });
}

// ---- what a hover tells
const place3 = (n) => `${DATA.places[n][1]}`;
function flowFacts({ l, units, t }) {
  const product = DATA.products[l[LANE.product]], per = ` USD/${product.unit}`;
  return {
    title: `${place3(l[LANE.from])} → ${place3(l[LANE.to])}`,
    line: `${product.name}, ${l[LANE.mode]}${l[LANE.port] ? `, by ${l[LANE.port]}` : ""}`,
    rows: [["volume", quantity(units, product.unit, "/yr")], ["mass", quantity(t, "t", "/yr")], ["distance", l[LANE.km] === null ? "" : `${digits(l[LANE.km])} km`],
      ["time", l[LANE.h] === null ? "" : `${digits(l[LANE.h])} h`], ["freight", l[LANE.freight][state.period] === null ? "" : digits(l[LANE.freight][state.period]) + per], ["duty before relief", l[LANE.duty][state.period] ? digits(l[LANE.duty][state.period]) + per : ""],
      ["emissions", l[LANE.kg] === null ? "" : `${digits(l[LANE.kg])} kg CO2e/${product.unit}`], ["by way of", l[LANE.route]]],
  };
}
function marketDemand() {
  const want = new Map();
  for (const [n, product, period, units] of DATA.demand)
    if (period === state.period && (state.product < 0 || product === state.product || !DATA.demand.some((d) => d[1] === state.product))) want.set(n, (want.get(n) || 0) + units);
  return want;
}
function marketFacts(n) {
  const unit = DATA.products[DATA.demand.find((d) => d[0] === n)[1]].unit, want = marketDemand().get(n) || 0, from = new Map();
  for (const [lane, period, units] of DATA.plans[state.plan].flows) {
    const l = DATA.lanes[lane];
    if (period === state.period && l[LANE.to] === n) from.set(l[LANE.from], (from.get(l[LANE.from]) || 0) + units);
  }
  const list = [...from].sort((a, b) => b[1] - a[1]);
  return { title: DATA.places[n][1], line: "market", rows: [["demand", quantity(want, unit, "/yr")], ["delivered", quantity(list.reduce((a, b) => a + b[1], 0), unit, "/yr")], ...list.slice(0, 6).map(([o, u]) => ["from " + place3(o), quantity(u, unit, "/yr")])] };
}
function siteRows(n) {
  const [wage, power, grid] = DATA.sites[n] || [];
  return [["wage", wage ? `${group(wage, 2)} USD/h` : ""], ["power", power ? `${digits(power)} USD/MWh` : ""], ["grid", grid !== null && grid !== undefined ? `${digits(grid, 2)} kg CO2e/kWh` : ""]];
}
// What a plan with a plant here is worse by at least: a bound of the relaxation, of the plan that was asked about alone.
function entryRows(n) {
  const asked = DATA.entry;
  if (!asked || asked.plan !== state.plan) return [];
  return (asked.sites[n] || []).map(([kind, least]) => {
    const much = asked.money ? `${usd(least)} dearer` : `${digits(least)} ${asked.unit} worse`.replace("  ", " ");
    return [`new ${DATA.kinds[kind].name} plant`, least > 0 ? `at least ${much} (bound)` : "nothing proven by the bound"];
  });
}
function siteFacts(n) {
  const role = (DATA.sites[n] || [])[3];
  return { title: placeName(n), line: role === "existing" ? "nothing new may be built here" : "candidate, not chosen", rows: [...siteRows(n), ...entryRows(n)] };
}
function plantFacts({ p }) {
  const [site, kind, option, , sizes, , capex, jobs, used, programs, name, life] = p, status = statusNow(p);
  const made = DATA.plans[state.plan].made.filter((m) => m[0] === site && m[1] === kind && m[3] === state.period);
  const unit = DATA.kinds[kind].unit;
  return {
    title: name, line: `${DATA.kinds[kind].name} plant in ${placeName(site)}, ${status}${life === "stands" ? "" : ` (${life})`}`,
    rows: [["size", option], ["capacity", quantity(sizes[state.period], unit, "/yr")], ...made.map((m) => [`makes ${DATA.products[m[2]].name}`, quantity(m[4], DATA.products[m[2]].unit, "/yr")]), ["used, last period", digits(100 * used, 2) + " %"],
      ["investment", capex ? usd(capex) : ""], ["jobs, last period", digits(jobs)], ...siteRows(site), ["programs", programs.replaceAll(";", "; ")]],
  };
}

// ---- legend and filters
function legend(flows) {
  const box = byId("legend"), kinds = new Set(standing().map(({ p }) => p[1]));
  box.replaceChildren();
  const entry = (shape, text, high = 16) => { const s = draw("svg", { width: 24, height: high, viewBox: `-12 ${-high / 2} 24 ${high}` }); s.append(...shape); box.append(s, make("span", {}, text)); };
  const here = standing(), count = (kind, status) => here.filter((one) => one.p[1] === kind && one.status === status).length;
  for (const kind of [...kinds].sort((a, b) => a - b)) {
    const told = DATA.statuses.map((status) => [count(kind, status), status]).filter(([n]) => n).map((pair) => pair.join(" ")).join(", ");
    entry([draw("path", { class: `plant new k${kind}`, d: DATA.kinds[kind].path, transform: "scale(6.5)" })], `${DATA.kinds[kind].name[0].toUpperCase()}${DATA.kinds[kind].name.slice(1)} plants: ${told}`);
  }
  const words = { existing: "hollow: existing", committed: "dashed: committed", resumed: "half tone: resumed", closed: "crossed out: closed" };
  for (const [status, text] of Object.entries(words)) {
    if (!here.some((one) => one.status === status)) continue;
    const shape = draw("circle", { r: 5, class: `plant ${status}` });
    shape.style.setProperty("--c", "var(--muted)");
    entry([shape, ...(status === "closed" ? [draw("path", { class: "gone", d: "M-5-5 5 5M5-5-5 5" })] : [])], text);
  }
  const want = [...marketDemand().values()], on = (id) => byId(id).checked;
  if (want.length && on("show-markets")) {
    const unit = DATA.products[DATA.demand[0][1]].unit;
    entry([draw("circle", { class: "market", r: 10 })], `market, up to ${quantity(Math.max(...want), unit, "/yr")}`, 22);
  }
  if (byId("nodes").querySelector(".candidates")) entry([draw("circle", { class: "candidate", r: 2 })], "candidate, not chosen");
  if (byId("nodes").querySelector(".ports")) entry([draw("path", { class: "port", d: "M-4.5-4.5 4.5 4.5M4.5-4.5-4.5 4.5" })], "port of entry");
  if (!on("show-flows")) return;
  const shown = state.product >= 0 ? [state.product] : [...new Set(flows.map(({ l }) => l[LANE.product]))].sort((a, b) => a - b);
  for (const n of shown) {
    const first = flows.find(({ l }) => l[LANE.product] === n);
    if (!first) continue;
    const line = draw("path", { d: "M-11 0H11", "stroke-width": 4, opacity: 0.6 });
    line.style.stroke = productColor(n);
    entry([line], `${DATA.products[n].name}, up to ${quantity(first.units, DATA.products[n].unit, "/yr")}`);
  }
  if (flows.length) entry([], `width by mass, widest ${quantity(flows[0].t, "t", "/yr")}`, 2);
}
function choices(box, names, current, act, least = 2) {
  box.parentNode.hidden = names.length < least; // nothing to choose from
  names.forEach(([value, name]) => {
    const button = make("button", { "aria-pressed": String(value === current) }, name);
    button.addEventListener("click", () => {
      for (const other of box.children) other.setAttribute("aria-pressed", "false");
      button.setAttribute("aria-pressed", "true");
      act(value);
      redraw();
    });
    box.append(button);
  });
}
// More periods than fit in a row of buttons are chosen from a list.
function choose(box, names, current, act) {
  if (names.length <= 12) return choices(box, names, current, act);
  const pick = make("select", { "aria-label": "Years" });
  for (const [value, name] of names) pick.append(make("option", { value }, name));
  pick.value = current;
  pick.addEventListener("change", () => { act(+pick.value); redraw(); });
  box.append(pick);
}
choices(byId("pick-product"), [[-1, "All"], ...DATA.products.map((p, n) => [n, p.name])], -1, (v) => { state.product = v; }, 3);
choose(byId("pick-period"), DATA.periods.map((p, n) => [n, p]), state.period, (v) => { state.period = v; });
for (const id of ["show-flows", "show-markets", "show-candidates"]) byId(id).addEventListener("change", redraw);

// ---- pointer
function detail(content) {
  const box = byId("detail");
  if (content) fill(box, content);
  else box.textContent = "Point at a plant, a market or a flow for its figures. A click holds it and shows what goes in and out. Drag to move, Ctrl + wheel to zoom.";
}
function pinPlace(place) {
  const code = typeof place === "number" ? place : DATA.places.findIndex((p, n) => p[0] === 0 && DATA.siteCodes[n] === place);
  state.pin = code === state.pin ? -1 : code;
  redraw();
  const g = [...byId("nodes").children].find((one) => one.code === state.pin && one.classList.contains("plants"));
  detail(g ? g.firstElementChild.told() : state.pin >= 0 ? ([...byId("nodes").children].find((one) => one.code === state.pin)?.told?.()) : null);
}
const teller = (target) => { let n = target; while (n && n !== svg) { if (n.told) return n; n = n.parentNode; } return null; };
let drag = null;
svg.addEventListener("pointermove", (event) => {
  if (drag) {
    Object.assign(view, { x: drag.x + event.clientX - drag.px, y: drag.y + event.clientY - drag.py });
    drag.moved ||= Math.hypot(event.clientX - drag.px, event.clientY - drag.py) > 4;
    hideTip();
    return place();
  }
  const found = teller(event.target);
  if (found) showTip(found.told(), event.clientX, event.clientY);
  else hideTip();
});
svg.addEventListener("pointerleave", hideTip);
svg.addEventListener("pointerdown", (event) => { drag = { px: event.clientX, py: event.clientY, x: view.x, y: view.y, moved: false, target: event.target }; svg.classList.add("drag"); svg.setPointerCapture(event.pointerId); });
svg.addEventListener("pointerup", () => {
  const { moved, target } = drag || { moved: true };
  drag = null;
  svg.classList.remove("drag");
  if (moved) return;
  const found = teller(target);
  let g = found;
  while (g && g.code === undefined && g !== svg) g = g.parentNode;
  if (found && g && g.code >= 0) { pinPlace(g.code); if (state.pin >= 0) detail(found.told()); }
  else if (found) detail(found.told());
  else { state.pin = -1; redraw(); detail(null); }
});
svg.addEventListener("wheel", (event) => {
  if (!event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  const box = svg.getBoundingClientRect();
  zoom(Math.exp(-event.deltaY * 0.0022), event.clientX - box.left, event.clientY - box.top);
}, { passive: false });
svg.addEventListener("dblclick", (event) => { const box = svg.getBoundingClientRect(); zoom(2, event.clientX - box.left, event.clientY - box.top); });
byId("zoom-in").addEventListener("click", () => zoom(1.5));
byId("zoom-out").addEventListener("click", () => zoom(1 / 1.5));
byId("zoom-all").addEventListener("click", fit);
listeners.push(redraw);
new ResizeObserver(fit).observe(svg);
addEventListener("beforeprint", () => { printing = true; redraw(); fit(); });
addEventListener("afterprint", () => { printing = false; redraw(); fit(); });
redraw();
fit();
detail(null);
