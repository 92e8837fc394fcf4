// The trade-off: one point a plan, what its bound leaves open, and the region that is proven empty.
const AXES = DATA.front ? DATA.front.axes : {};

function axis(name, values, from, to) {
  const largest = Math.max(...values.map(Math.abs)), [factor, unit] = AXES[name].steps.find(([f]) => largest >= 2 * f) || AXES[name].steps.at(-1);
  let low = Math.min(...values), high = Math.max(...values);
  const room = 0.08 * (high - low) || 0.05 * Math.abs(high) || 1;
  low -= room; high += room;
  const raw = (high - low) / factor / 5, power = 10 ** Math.floor(Math.log10(raw)), step = [1, 2, 2.5, 5, 10].find((s) => s * power >= raw) * power, ticks = [];
  for (let v = Math.ceil(low / factor / step) * step; v <= high / factor; v += step) ticks.push(+v.toPrecision(10));
  const places = Math.max(0, ...ticks.map((t) => (String(t).split(".")[1] || "").length)), label = (t) => group(t, places);
  const at = (v) => from + ((Math.min(Math.max(v, low), high) - low) / (high - low)) * (to - from);
  return { at, ticks, label, factor, title: `${AXES[name].title} [${unit}]`, low, high };
}
function charts() {
  chart(byId("chart"), state.y, state.x);
  DATA.front.pairs.slice(1).forEach((pair, n) => chart(byId(`chart${n + 1}`), ...pair.objectives));
}
function chart(box, up, right) {
  const wide = printing ? 760 : Math.max(280, box.clientWidth), high = printing ? 380 : 400, m = [14, 18, 48, 88], front = DATA.front;
  const own = front.pairs.find((pair) => up === pair.objectives[0] && right === pair.objectives[1]), [first, second] = [up, right], plans = DATA.plans.map((p) => p.totals);
  const levels = own ? own.proven.map(([n, bound]) => bound) : [];
  const x = axis(right, plans.map((t) => t[right]), m[3], wide - m[1]), y = axis(up, [...plans.map((t) => t[up]), ...levels], high - m[2], m[0]);
  const s = draw("svg", { viewBox: `0 0 ${wide} ${high}`, role: "img", "aria-label": "Trade-off; the table below holds the same points" });
  if (own) for (const [bound, cap] of own.corners) {
    const goodX = AXES[second].sense > 0 ? x.low : x.high, goodY = AXES[first].sense > 0 ? y.low : y.high;
    const px = [x.at(goodX), x.at(cap === null ? (AXES[second].sense > 0 ? x.high : x.low) : cap)], py = [y.at(goodY), y.at(bound === null ? (AXES[first].sense > 0 ? y.high : y.low) : bound)];
    s.append(draw("rect", { class: "empty", x: Math.min(...px), y: Math.min(...py), width: Math.abs(px[1] - px[0]), height: Math.abs(py[1] - py[0]) }));
  }
  for (const t of x.ticks) s.append(draw("line", { class: "rule", x1: x.at(t * x.factor), x2: x.at(t * x.factor), y1: m[0], y2: high - m[2] }), draw("text", { class: "tick", x: x.at(t * x.factor), y: high - m[2] + 18, "text-anchor": "middle" }, x.label(t)));
  for (const t of y.ticks) s.append(draw("line", { class: "rule", y1: y.at(t * y.factor), y2: y.at(t * y.factor), x1: m[3], x2: wide - m[1] }), draw("text", { class: "tick", x: m[3] - 8, y: y.at(t * y.factor) + 4, "text-anchor": "end" }, y.label(t)));
  s.append(draw("text", { x: (m[3] + wide) / 2, y: high - 8, "text-anchor": "middle" }, x.title), draw("text", { x: 0, y: 0, "text-anchor": "middle", transform: `translate(16,${(high - m[2]) / 2}) rotate(-90)` }, y.title));
  const points = plans.map((t) => [x.at(t[right]), y.at(t[up])]), line = own ? own.points.map((n) => points[n]) : [];
  if (own) s.append(draw("path", { class: "path", d: "M" + line.map((p) => p.join(",")).join("L") }));
  if (own) for (const [n, bound] of own.proven) {
    const [px, py] = points[n], end = y.at(bound);
    s.append(draw("path", { class: "whisker", d: `M${px},${py}V${end}M${px - 5},${end}H${px + 5}` }));
  }
  points.forEach(([px, py], n) => {
    const row = byId("front-table").querySelector(`tr[data-plan="${n}"]`), closed = row.lastElementChild.textContent === "optimal";
    if (n === state.plan) s.append(draw("circle", { class: "chosen", cx: px, cy: py, r: 11 }));
    const dot = draw("circle", { class: closed ? "point" : "point open", cx: px, cy: py, r: 6.5 });
    const told = (name) => row.querySelector(`[data-of="${name}"]`).textContent;
    const count = row.querySelector('[data-name="plants"]');
    dot.told = { title: n < front.first ? "This plan" : `Plan ${n + 1}`, rows: [...Object.entries(AXES).map(([name, axis]) => [axis.word, `${told(name)} ${axis.unit}`.trim()]), ["new plants", count.textContent], ["proven gap", count.nextElementSibling.textContent]] };
    dot.addEventListener("pointermove", (e) => showTip(dot.told, e.clientX, e.clientY));
    dot.addEventListener("pointerleave", hideTip);
    dot.addEventListener("click", () => choosePlan(n));
    s.append(dot);
    if (own && own.knee === n) s.append(draw("text", { class: "knee", x: px + 13 * AXES[second].sense, y: py - 9, "text-anchor": AXES[second].sense > 0 ? "start" : "end" }, "knee"));
  });
  box.replaceChildren(s);
  for (const [key, selector] of [["closed", ".point:not(.open)"], ["open", ".point.open"], ["bound", ".whisker"], ["empty", ".empty"]])
    document.querySelector(`[data-key="${key}"]`).hidden = !document.querySelector(`.charts ${selector}`);
}
if (DATA.front) {
  [state.y, state.x] = DATA.front.pairs[0].objectives;
  for (const [id, key] of [["axis-y", "y"], ["axis-x", "x"]]) {
    const pick = byId(id);
    for (const name of Object.keys(AXES)) pick.append(make("option", { value: name }, AXES[name].title));
    pick.value = state[key];
    pick.addEventListener("change", () => { state[key] = pick.value; charts(); });
  }
  listeners.push(charts);
  new ResizeObserver(charts).observe(byId("chart"));
  for (const moment of ["beforeprint", "afterprint"]) addEventListener(moment, charts);
  showWhich();
  charts();
}
// A link to a plan: siting.html#plan-3
const asked = /^#plan-(\d+)$/.exec(location.hash);
if (asked && DATA.front && DATA.plans[asked[1] - 1]) choosePlan(asked[1] - 1);
