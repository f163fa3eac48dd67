// What a panel's rows become: tiles, bars, a table, a funnel, a ranking, or a chart over time.
import { timeChart } from "./charts.js";
import { h, keyed, setAttribute, setText } from "./dom.js";
import { columnIndex, currencyOf } from "./shape.js";
import { growth, HIDDEN, percent, shown } from "./text.js";

/** Of a longer list the first so many are shown until somebody asks for all. */
const SHORT = 10;

/** Makes a drawing of the kind that the panel asks for: an element, and `draw(panel, rows)`. */
export function drawingOf(info, see) {
  const { kind, x } = info.chart;
  const overTime = ["time", "integer"].includes(info.columns[columnIndex(info, x)]?.type);
  if (kind === "line" || kind === "area" || (kind === "bars" && overTime)) return timeChart(info, see);
  const make = { numbers: tiles, bars, table, funnel, ranking }[kind] ?? table;
  return make(info, see);
}

/** Writes a cell as the page shows it, or a placeholder when numbers are hidden. */
export function cellText(info, see, row, name, exact = false) {
  const { type } = info.columns[columnIndex(info, name)];
  const meant = type === "any" ? row[columnIndex(info, "type")] : type;
  return typed(see, meant, row[columnIndex(info, name)], currencyOf(info, row), exact);
}

function typed(see, type, raw, currency, exact = false) {
  if (see.hidden && !["text", "time", "currency"].includes(type)) return HIDDEN;
  return shown(type, raw, { currency, zone: see.zone, exact });
}

function tiles(info, see) {
  const element = h("dl", { class: "tiles" });
  const named = (row) => Object.fromEntries(info.columns.map(({ name }, at) => [name, row[at]]));
  return {
    element,
    draw(_, rows) {
      const all = rows.map(named);
      const longest = Math.max(...all.map(({ type, value, currency }) => typed(see, type, value, currency).length));
      element.style.setProperty("--characters", String(Math.max(10, longest)));
      keyed(element, all, {
        key: ({ name, currency }) => `${name} ${currency ?? ""}`,
        make: () => h("div", { class: "tile" }, h("dt", {}, h("span"), " ", h("span", { class: "unit" })), h("dd", { class: "figure" }), h("dd", { class: "trend" }), h("dd", { class: "before" })),
        update: (node, row) => fillTile(node, row, see),
      });
    },
  };
}

function fillTile(node, { name, currency, value, type, yesterday }, see) {
  const [title, figure, trend, before] = node.children;
  const known = yesterday !== null && yesterday !== undefined;
  const text = typed(see, type, value, currency);
  setText(title.firstChild, name);
  setText(title.lastChild, currency ?? "");
  if (figure.textContent && figure.textContent !== text) flash(node);
  setText(figure, text);
  setAttribute(figure, "data-value", see.hidden ? null : value);
  setTrend(trend, see.hidden ? null : growth(value, yesterday));
  setText(before, known ? `yesterday ${typed(see, type, yesterday, currency)}` : "");
}

function setTrend(node, permille) {
  setText(node, permille === null ? "" : permille === 0n ? "=" : `${permille < 0n ? "▼" : "▲"} ${percent(permille)}`);
  setAttribute(node, "data-direction", permille ? (permille < 0n ? "down" : "up") : null);
}

function flash(node) {
  node.classList.remove("changed");
  void node.offsetWidth;
  node.classList.add("changed");
}

function bars(info, see) {
  const { x, y, series } = info.chart;
  const named = (row) => [x, series].filter((name) => name && name !== "currency").map((name) => cellText(info, see, row, name)).join(" · ");
  const list = h("ol", { class: "bars" });
  const others = y.slice(1).map((name) => info.columns[columnIndex(info, name)]);
  const size = (row) => Number(row[columnIndex(info, y[0])] ?? 0);
  return shortened(list, (rows, all) => {
    const most = Math.max(...all.map((row) => Math.abs(size(row)))) || 1;
    keyed(list, rows, {
      key: named,
      make: () => h("li", {}, h("span", { class: "bar-name" }), h("b", { class: "bar-value" }), h("span", { class: "bar-track" }, h("i")), h("span", { class: "bar-more" })),
      update(node, row) {
        const [name, value, track, more] = node.children;
        setText(name, named(row));
        setAttribute(name, "title", named(row));
        setText(value, cellText(info, see, row, y[0]));
        track.firstChild.style.setProperty("--share", String(Math.max(0, size(row)) / most));
        setText(more, others.map((column) => `${column.title} ${cellText(info, see, row, column.name)}`).join(" · "));
      },
    });
  });
}

function ranking(info, see) {
  const { x, y } = info.chart;
  const rank = info.columns.find(({ name }) => name === "rank");
  const change = info.columns.find(({ type }) => type === "change");
  const second = info.columns.find(({ name, type }) => type === "text" && name !== x);
  const element = h("ol", { class: "ranking" });
  return {
    element,
    draw(_, rows) {
      const sizes = rows.map((row) => Number(row[columnIndex(info, y[0])] ?? 0));
      const most = Math.max(...sizes) || 1;
      keyed(element, rows.map((row, place) => ({ row, size: sizes[place], place: place + 1 })), {
        key: ({ row }) => String(row[columnIndex(info, x)]),
        make: () => h("li", {}, h("span", { class: "rank" }), h("span", { class: "ranked" }, h("span", { class: "ranked-name" }), h("small"), h("span", { class: "bar-track" }, h("i"))), h("b", {}), h("span", { class: "move" })),
        update(node, { row, size, place }) {
          const [number, ranked, value, move] = node.children;
          const [name, more, track] = ranked.children;
          setText(number, String(rank ? row[columnIndex(info, "rank")] : place));
          setText(name, cellText(info, see, row, x));
          setText(more, second ? cellText(info, see, row, second.name) : "");
          track.firstChild.style.setProperty("--share", String(size / most));
          setText(value, cellText(info, see, row, y[0]));
          if (change) moved(move, row[columnIndex(info, change.name)]);
        },
      });
    },
  };
}

function moved(node, places) {
  const direction = places === null ? "new" : Number(places) === 0 ? "same" : Number(places) > 0 ? "up" : "down";
  setText(node, places === null ? "new" : shown("change", places));
  setAttribute(node, "data-direction", direction);
  setAttribute(node, "title", { new: "not in the list of the window before", same: "same place as in the window before", up: "places up since the window before", down: "places down since the window before" }[direction]);
}

function funnel(info, see) {
  const { x, y } = info.chart;
  const list = h("div", { class: "funnel" });
  const steps = y.map((name) => ({ name, title: info.columns[columnIndex(info, name)].title, at: columnIndex(info, name) }));
  const step = () => h("li", {}, h("span", { class: "step-name" }), h("b", {}), h("small"), h("span", { class: "bar-track" }, h("i")));
  return shortened(list, (rows) => keyed(list, rows, {
    key: (row) => String(row[columnIndex(info, x)]),
    make: () => h("section", {}, h("h4"), h("ol", {}, steps.map(step))),
    update(node, row, number) {
      setText(node.firstChild, String(row[columnIndex(info, x)] || "Whole shop"));
      const first = row[steps[0].at];
      const unit = number === 0 ? ` of ${steps[0].title.toLowerCase()}` : "";
      steps.forEach(({ name, title, at }, place) => {
        const [called, count, share, track] = node.lastChild.children[place].children;
        setText(called, title);
        setText(count, cellText(info, see, row, name));
        setText(share, place === 0 || see.hidden ? "" : shareOf(row[at], first, unit));
        track.firstChild.style.setProperty("--share", String(Number(first) ? Number(row[at] ?? 0) / Number(first) : 0));
      });
    },
  }));
}

function shareOf(part, whole, unit) {
  if (!Number(whole) || part === null) return "";
  return percent((BigInt(part) * 2000n / BigInt(whole) + 1n) / 2n) + unit;
}

function table(info, see) {
  const body = h("tbody");
  const head = h("thead", {}, h("tr", {}, info.columns.map((column) => h("th", { scope: "col", class: side(column.type), text: column.title }))));
  const list = h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `${info.title}: rows` }, h("table", {}, head, body));
  const keys = info.columns.filter(({ type }) => side(type) !== "number").map(({ name }) => columnIndex(info, name));
  return shortened(list, (rows) => keyed(body, rows, {
    key: (row) => JSON.stringify(keys.map((at) => row[at])),
    make: () => h("tr", {}, info.columns.map((column) => h("td", { class: side(column.type) }))),
    update: (node, row) => info.columns.forEach((column, at) => {
      setText(node.children[at], cellText(info, see, row, column.name));
      if (["level", "state"].includes(column.name)) setAttribute(node.children[at], `data-${column.name}`, row[at]);
    }),
  }));
}

// A long list ends in a button that shows the rest.
function shortened(list, fill) {
  let whole = false;
  let last = [];
  const more = h("button", { type: "button", class: "quiet", on: { click: () => { whole = !whole; draw(last); } } });
  function draw(rows) {
    last = rows;
    fill(whole ? rows : rows.slice(0, SHORT), rows);
    more.hidden = rows.length <= SHORT;
    setText(more, whole ? `Show the first ${SHORT}` : `Show all ${rows.length}`);
  }
  return { element: h("div", { class: "shortened" }, list, more), draw: (_, rows) => draw(rows) };
}

/** Returns the class of a table's cell: numbers stand on the right. */
export function side(type) {
  return ["text", "time", "currency"].includes(type) ? type : "number";
}
