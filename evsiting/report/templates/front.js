// The trade-off: one point a plan, what its bound leaves open, and the region that is proven empty.
const AXES = { cost: ["Cost, present value", [[1e9, "USD bn"], [1e6, "USD mn"], [1, "USD"]]], emissions: ["Emissions over the horizon", [[1e6, "Mt CO2e"], [1e3, "kt CO2e"], [1, "t CO2e"]]], jobs: ["Direct jobs", [[1e6, "million job-years"], [1e3, "thousand job-years"], [1, "job-years"]]], late: ["Late deliveries", [[1e6, "million units"], [1e3, "thousand units"], [1, "units"]]] };
const better = { cost: 1, emissions: 1, jobs: -1, late: 1 };

function axis(name, values, from, to) {
  const largest = Math.max(...values.map(Math.abs)), [factor, unit] = AXES[name][1].find(([f]) => largest >= 2 * f) || AXES[name][1].at(-1);
  let low = Math.min(...values), high = Math.max(...values);
  const room = 0.08 * (high - low) || 0.05 * Math.abs(high) || 1;
  low -= room; high += room;
  const raw = (high - low) / factor / 5, power = 10 ** Math.floor(Math.log10(raw)), step = [1, 2, 2.5, 5, 10].find((s) => s * power >= raw) * power, ticks = [];
  for (let v = Math.ceil(low / factor / step) * step; v <= high / factor; v += step) ticks.push(+v.toPrecision(10));
  const places = Math.max(0, ...ticks.map((t) => (String(t).split(".")[1] || "").length)), label = (t) => group(t, places);
  const at = (v) => from + ((Math.min(Math.max(v, low), high) - low) / (high - low)) * (to - from);
  return { at, ticks, label, factor, title: `${AXES[name][0]} [${unit}]`, low, high };
}
function chart() {
  const box = byId("chart"), wide = printing ? 760 : Math.max(280, box.clientWidth), high = printing ? 380 : 400, m = [14, 18, 48, 88], front = DATA.front;
  const [first, second] = front.objectives, plans = DATA.plans.map((p) => p.totals), own = state.y === first && state.x === second;
  const levels = own ? front.proven.map(([n, bound]) => bound) : [];
  const x = axis(state.x, plans.map((t) => t[state.x]), m[3], wide - m[1]), y = axis(state.y, [...plans.map((t) => t[state.y]), ...levels], high - m[2], m[0]);
  const s = draw("svg", { viewBox: `0 0 ${wide} ${high}`, role: "img", "aria-label": "Trade-off; the table below holds the same points" });
  if (own) for (const [bound, cap] of front.corners) {
    const goodX = better[second] > 0 ? x.low : x.high, goodY = better[first] > 0 ? y.low : y.high;
    const px = [x.at(goodX), x.at(cap === null ? (better[second] > 0 ? x.high : x.low) : cap)], py = [y.at(goodY), y.at(bound === null ? (better[first] > 0 ? y.high : y.low) : bound)];
    s.append(draw("rect", { class: "empty", x: Math.min(...px), y: Math.min(...py), width: Math.abs(px[1] - px[0]), height: Math.abs(py[1] - py[0]) }));
  }
  for (const t of x.ticks) s.append(draw("line", { class: "rule", x1: x.at(t * x.factor), x2: x.at(t * x.factor), y1: m[0], y2: high - m[2] }), draw("text", { class: "tick", x: x.at(t * x.factor), y: high - m[2] + 18, "text-anchor": "middle" }, x.label(t)));
  for (const t of y.ticks) s.append(draw("line", { class: "rule", y1: y.at(t * y.factor), y2: y.at(t * y.factor), x1: m[3], x2: wide - m[1] }), draw("text", { class: "tick", x: m[3] - 8, y: y.at(t * y.factor) + 4, "text-anchor": "end" }, y.label(t)));
  s.append(draw("text", { x: (m[3] + wide) / 2, y: high - 8, "text-anchor": "middle" }, x.title), draw("text", { x: 0, y: 0, "text-anchor": "middle", transform: `translate(16,${(high - m[2]) / 2}) rotate(-90)` }, y.title));
  const points = plans.map((t) => [x.at(t[state.x]), y.at(t[state.y])]), line = points.slice(front.first);
  if (own) s.append(draw("path", { class: "path", d: "M" + line.map((p) => p.join(",")).join("L") }));
  if (own) for (const [n, bound] of front.proven) {
    const [px, py] = points[front.first + n], end = y.at(bound);
    s.append(draw("path", { class: "whisker", d: `M${px},${py}V${end}M${px - 5},${end}H${px + 5}` }));
  }
  points.forEach(([px, py], n) => {
    const row = byId("front-table").querySelector(`tr[data-plan="${n}"]`), closed = row.lastElementChild.textContent === "optimal";
    if (n === state.plan) s.append(draw("circle", { class: "chosen", cx: px, cy: py, r: 11 }));
    const dot = draw("circle", { class: closed ? "point" : "point open", cx: px, cy: py, r: 6.5 });
    const told = (name) => row.querySelector(`[data-of="${name}"]`).textContent;
    const t = plans[n], count = row.querySelector('[data-name="plants"]');
    dot.told = { title: n < front.first ? "This plan" : `Plan ${n + 1}`, rows: [["cost", told("cost")], ["emissions", told("emissions")], ["jobs", `${told("jobs")} job-years`], ["late", "late" in t ? `${told("late")} units` : ""], ["new plants", count.textContent], ["proven gap", count.nextElementSibling.textContent]] };
    dot.addEventListener("pointermove", (e) => showTip(dot.told, e.clientX, e.clientY));
    dot.addEventListener("pointerleave", hideTip);
    dot.addEventListener("click", () => choosePlan(n));
    s.append(dot);
    if (front.knee !== null && n === front.first + front.knee) s.append(draw("text", { class: "knee", x: px + 13 * better[second], y: py - 9, "text-anchor": better[second] > 0 ? "start" : "end" }, "knee"));
  });
  box.replaceChildren(s);
  for (const [key, selector] of [["closed", ".point:not(.open)"], ["open", ".point.open"], ["bound", ".whisker"], ["empty", ".empty"]])
    document.querySelector(`[data-key="${key}"]`).hidden = !s.querySelector(selector);
}
if (DATA.front) {
  [state.y, state.x] = DATA.front.objectives;
  for (const [id, key] of [["axis-y", "y"], ["axis-x", "x"]]) {
    const pick = byId(id);
    for (const name of Object.keys(AXES).filter((axis) => axis in DATA.plans[0].totals)) pick.append(make("option", { value: name }, AXES[name][0]));
    pick.value = state[key];
    pick.addEventListener("change", () => { state[key] = pick.value; chart(); });
  }
  listeners.push(chart);
  new ResizeObserver(chart).observe(byId("chart"));
  for (const moment of ["beforeprint", "afterprint"]) addEventListener(moment, chart);
  showWhich();
  chart();
}
// A link to a plan: siting.html#plan-3
const asked = /^#plan-(\d+)$/.exec(location.hash);
if (asked && DATA.front && DATA.plans[asked[1] - 1]) choosePlan(asked[1] - 1);
