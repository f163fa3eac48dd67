// Lines, areas and columns over time, drawn by uPlot.
import { h, keyed, setAttribute, setText } from "./dom.js";
import { plotsOf, position } from "./shape.js";
import { clock, HIDDEN, moment, NOTHING, shown, tick } from "./text.js";

/** Steps of an axis that counts: there is no half an order. */
const WHOLE = Array.from({ length: 11 }, (_, power) => [1, 2, 5].map((first) => first * 10 ** power)).flat();

/** Makes a chart of a panel; `draw(panel, rows)` shows rows of one currency. */
export function timeChart(info, see) {
  const element = h("div", { class: "plots" });
  let drawn = [];
  return {
    element,
    draw(panel, rows) {
      const { xs, plots } = plotsOf(info, rows);
      keyed(element, plots, { key: ({ type }) => type, make: () => onePlot(info, see), update: () => {} });
      drawn = [...element.children].map((node) => node.plot);
      drawn.forEach((plot, place) => plot.draw(panel, xs, plots[place]));
    },
  };
}

function onePlot(info, see) {
  const title = h("p", { class: "plot-title" });
  const canvas = h("div", { class: "plot", role: "img" });
  const legend = h("ul", { class: "legend" });
  const element = h("div", { class: "plot-box" }, title, canvas, legend);
  const state = { chart: null, made: "", panel: null, xs: [], plot: null, off: new Set() };
  const hover = (index) => drawLegend(legend, state, info, see, index, redraw);
  new ResizeObserver(() => redraw()).observe(canvas);

  function redraw() {
    if (!state.plot || !canvas.clientWidth) return;
    const { lines } = state.plot;
    const size = { width: canvas.clientWidth, height: canvas.clientHeight };
    const data = [state.xs, ...lines.map((line) => line.values.map((value) => (value === null ? null : Number(value))))];
    const made = JSON.stringify([lines.map((line) => [line.name, state.off.has(line.name)]), see.theme, see.hidden, see.zone]);
    if (state.made !== made) {
      state.chart?.destroy();
      state.chart = new uPlot(options(info, see, state, size, hover), data, canvas);
      state.made = made;
    } else {
      if (state.chart.width !== size.width || state.chart.height !== size.height) state.chart.setSize(size);
      state.chart.setData(data);
    }
  }

  element.plot = {
    draw(panel, xs, plot) {
      Object.assign(state, { panel, xs, plot });
      setText(title, plotTitle(info, plot, see));
      setAttribute(canvas, "aria-label", summary(info, state, see));
      redraw();
      hover(null);
    },
  };
  return element;
}

function plotTitle(info, { type, lines, of }, see) {
  const unit = type === "money" ? see.currency : lines.length === 1 ? lines[0].name : "";
  return of > lines.length ? [unit, `the ${lines.length} largest of ${of}`].filter(Boolean).join(", ") : unit;
}

function summary(info, { xs, plot }, see) {
  const kind = { area: "Area chart", bars: "Column chart" }[info.chart.kind] ?? "Line chart";
  if (see.hidden) return `${kind}: ${info.title}; numbers are hidden`;
  const newest = plot.lines.map((line) => {
    const last = line.values.findLastIndex((value) => value !== null);
    return `${line.name} ${cell(plot, line.values[last], see)} at ${label(info, xs[last], see)}`;
  });
  return `${kind}: ${info.title}; newest: ${newest.join("; ")}. The rows are under “About and data”.`;
}

function drawLegend(legend, state, info, see, index, redraw) {
  keyed(legend, state.plot.lines, {
    key: (line) => line.name,
    make: (line) =>
      h("li", {}, h("button", { type: "button", on: { click: () => toggle(state, line.name, redraw) } },
        h("i", { class: "swatch" }), h("span", { class: "legend-name", text: line.name }), h("b", {}))),
    update: (node, line, place) => {
      const at = index ?? line.values.findLastIndex((value) => value !== null);
      const [button] = node.children;
      setText(button.lastChild, see.hidden ? HIDDEN : cell(state.plot, line.values[at], see));
      setAttribute(button, "title", `${line.name} at ${label(info, state.xs[at], see)}`);
      setAttribute(button, "aria-pressed", String(!state.off.has(line.name)));
      button.firstChild.style.setProperty("--series", colour(place));
    },
  });
  legend.hidden = state.plot.lines.length < 2 && index === null && state.plot.type !== "money";
}

function toggle(state, name, redraw) {
  if (!state.off.delete(name)) state.off.add(name);
  redraw();
  state.chart.setCursor({ left: -10, top: -10 });
}

function cell(plot, raw, see) {
  return shown(plot.type, raw, { currency: see.currency, zone: see.zone });
}

function label(info, x, see) {
  const column = info.columns.find(({ name }) => name === info.chart.x);
  if (x === undefined) return NOTHING;
  return column.type === "time" ? moment(new Date(x * 1000).toISOString(), see.zone) : `${column.title} ${x}`;
}

function options(info, see, state, size, hover) {
  const { kind, x } = info.chart;
  const time = info.columns.find(({ name }) => name === x).type === "time";
  const ink = token("--muted");
  const rule = { stroke: token("--line"), width: 1 };
  const font = `${token("--chart-text")} system-ui, sans-serif`;
  const axis = { stroke: ink, font, ticks: { show: false } };
  return {
    ...size,
    padding: [10, 12, 0, 0],
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), see.zone),
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 8 }, sync: { key: info.id } },
    select: { show: false },
    scales: { x: { time, range: (_, low, high) => horizontal(info, state, time, low, high) }, y: { range: vertical } },
    axes: [
      {
        ...axis, size: 28, grid: { show: false }, space: 56,
        ...(time ? {} : { incrs: [1, 2, 3, 4, 6, 12, 24] }),
        values: (_, splits) => splits.map((at) => (time ? clock(new Date(at * 1000), see.zone, false) : String(at))),
      },
      {
        ...axis, size: 56, grid: rule, space: 36,
        ...(state.plot.type === "integer" ? { incrs: WHOLE } : {}),
        values: (_, splits) => splits.map((at) => (see.hidden ? HIDDEN : mark(state.plot.type, at))),
      },
    ],
    series: [{}, ...state.plot.lines.map((line, place) => lineOf(kind, colour(place), !state.off.has(line.name), state.plot.lines.length))],
    hooks: {
      drawClear: [(chart) => markOpen(chart, state, time)],
      setCursor: [(chart) => hover(chart.cursor.idx ?? null)],
    },
  };
}

function lineOf(kind, stroke, show, lines) {
  const lone = (chart, series) => chart.data[series].flatMap((value, at, all) =>
    value !== null && (all[at - 1] ?? null) === null && (all[at + 1] ?? null) === null ? [at] : []);
  if (kind === "bars") {
    return { show, stroke, fill: `${stroke}cc`, width: 0, paths: uPlot.paths.bars({ size: [0.7, 40], radius: 0.15 }), points: { show: false } };
  }
  return { show, stroke, width: 2, fill: kind === "area" && lines === 1 ? `${stroke}26` : undefined, points: { show: true, size: 6, fill: stroke, filter: lone } };
}

function mark(type, at) {
  return type === "ratio" ? `${Number((at * 100).toPrecision(6))} %` : tick(at);
}

function horizontal(info, { panel, xs }, time, low, high) {
  if (info.chart.x === "hour") return [info.chart.kind === "bars" ? -0.5 : 0, info.chart.kind === "bars" ? 23.5 : 23];
  if (!time) return [low, high === low ? low + 1 : high];
  const from = Math.min(panel.from ? position("time", panel.from) : low, xs[0]);
  const to = Math.max(panel.to ? position("time", panel.to) : high, xs[xs.length - 1]);
  return [from, to === from ? to + 60 : to];
}

function vertical(_, low, high) {
  const [least, most] = [Math.min(0, low ?? 0), Math.max(0, high ?? 0)];
  const pad = (most - least) * 0.08 || 1;
  return [least < 0 ? least - pad : 0, most + pad];
}

// What may still change lies under a veil.
function markOpen(chart, { panel }, time) {
  const final = time && panel.final_until ? position("time", panel.final_until) : null;
  if (final === null || final >= chart.scales.x.max) return;
  const { left, top, width, height } = chart.bbox;
  const edge = Math.max(left, chart.valToPos(final, "x", true));
  chart.ctx.fillStyle = token("--veil");
  chart.ctx.fillRect(edge, top, left + width - edge, height);
}

function colour(place) {
  return token(`--series-${(place % 6) + 1}`);
}

function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
