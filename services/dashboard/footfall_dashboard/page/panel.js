// One panel: its title, how fresh it is, its drawing, and what is behind it.
import { cellText, drawingOf, side } from "./drawings.js";
import { h, keyed, setAttribute, setText } from "./dom.js";
import { currenciesOf, rowsIn } from "./shape.js";
import { clock, HIDDEN, moment } from "./text.js";

const MOMENTS = { "as of": "as_of", "final until": "final_until", from: "from", to: "to" };
const LOADING = { state: "loading", rows: [] };

/** Makes a panel's card; `show(panel)` fills it, `redraw()` draws it again when the page's settings have changed. */
export function panelCard(info, see) {
  const name = `panel-${info.id}`;
  const chip = h("span", { class: "chip", hidden: true });
  const fresh = h("p", { class: "fresh" });
  const why = h("p", { class: "why", hidden: true });
  const drawing = drawingOf(info, see);
  const drawn = h("div", { class: "drawn" }, drawing.element);
  const skeleton = h("div", { class: "skeleton", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
  const about = aboutBox(info, see, () => panel);
  const element = h("article", { class: "panel", id: name, "aria-labelledby": `${name}-title`, "data-kind": info.chart.kind, "data-columns": String(info.columns.length) },
    h("header", {}, h("h3", { id: `${name}-title`, text: info.title }), chip), fresh, why, skeleton, drawn, about.element);
  let panel = LOADING;
  redraw();

  function redraw() {
    const { state } = panel;
    const rows = panel.rows ?? [];
    const inOne = rowsIn(info, rows, see.currency);
    setAttribute(element, "data-state", state);
    setAttribute(element, "data-version", panel.version);
    setAttribute(element, "aria-busy", state === "loading" ? "true" : null);
    chip.hidden = state === "live";
    setText(chip, { stale: "stale", empty: "nothing yet", loading: "loading" }[state] ?? state);
    setText(fresh, freshness(info, panel, see));
    const reason = explanation(info, panel, inOne, see);
    setText(why, reason);
    why.hidden = !reason;
    skeleton.hidden = state !== "loading" || rows.length > 0;
    drawn.hidden = inOne.length === 0;
    if (inOne.length > 0) drawing.draw(panel, inOne);
    about.redraw();
  }

  return {
    element,
    info,
    redraw,
    currencies: () => currenciesOf(info, panel.rows ?? []),
    rows: () => panel.rows ?? [],
    show(next) {
      panel = next;
      redraw();
    },
  };
}

function freshness(info, panel, see) {
  const currencies = currenciesOf(info, panel.rows ?? []);
  const others = currencies.filter((currency) => currency !== see.currency);
  return [
    span(info, panel, see),
    currencies.includes(see.currency) ? see.currency + (others.length ? ` only (also in ${others.join(", ")})` : "") : "",
    panel.as_of ? `as of ${moment(panel.as_of, see.zone)}` : "",
    finality(panel, see),
  ].filter(Boolean).join(" · ");
}

function finality({ as_of: asOf, final_until: until }, see) {
  if (!asOf || !until) return "";
  return Date.parse(until) >= Date.parse(asOf) ? "final" : `final until ${moment(until, see.zone)}`;
}

function span(info, { from, to }, see) {
  if (info.range !== "newest" || !from || !to) return info.range;
  return `${clock(new Date(from), see.zone, false)} to ${clock(new Date(to), see.zone, false)}`;
}

function explanation(info, panel, rows, see) {
  if (panel.state === "stale") return [panel.since ? `Stale since ${moment(panel.since, see.zone)}.` : "", panel.why ?? ""].filter(Boolean).join(" ");
  if (panel.state === "empty") return panel.why ?? "There is nothing to show in this range.";
  if (panel.state === "live" && panel.rows.length > 0 && rows.length === 0) return `No amount in ${see.currency} in this range.`;
  return "";
}

function aboutBox(info, see, current) {
  const moments = Object.fromEntries(Object.keys(MOMENTS).map((name) => [name, h("dd")]));
  const table = rowsTable(info, see);
  const topics = info.topics.map((topic) => (see.report ? h("code", { text: topic }) : h("a", { href: `#/topics/${topic}` }, h("code", { text: topic }))));
  const rows = see.report ? savings(info, current) : [link(info, ".csv", "CSV"), link(info, "", "JSON")];
  const element = h("details", { class: "about", on: { toggle: redraw } }, h("summary", {}, "About and data", h("span", { class: "sr", text: ` of ${info.title}` })),
    h("p", { text: info.help }),
    h("dl", { class: "facts" }, Object.entries(moments).map(([name, value]) => fact(name, value)), fact("topics", h("dd", {}, topics)),
      fact("SQL", h("dd", {}, info.sql.map((file) => h("code", { text: file })))), fact("rows", h("dd", {}, rows))),
    table.element);

  function redraw() {
    if (!element.open) return;
    const panel = current();
    for (const [name, field] of Object.entries(MOMENTS)) setText(moments[name], panel[field] ? moment(panel[field], see.zone) : "unknown");
    table.draw(panel.rows ?? []);
  }
  return { element, redraw };
}

function fact(name, value) {
  return h("div", {}, h("dt", { text: name }), value);
}

function link(info, suffix, text) {
  return h("a", { href: `v1/panels/${encodeURIComponent(info.id)}${suffix}`, text });
}

/** A report has no server to ask: its files are made of what it holds. */
function savings(info, current) {
  const csv = () => [info.columns.map(({ name }) => name), ...current().rows].map((row) => `${row.map(csvCell).join(",")}\r\n`).join("");
  return [saving(info.id, "csv", "text/csv", csv), saving(info.id, "json", "application/json", () => JSON.stringify(current()))];
}

function saving(name, suffix, type, text) {
  const save = () => {
    const href = URL.createObjectURL(new Blob([text()], { type }));
    h("a", { href, download: `${name}.${suffix}` }).click();
    setTimeout(() => URL.revokeObjectURL(href), 1000);
  };
  return h("button", { type: "button", class: "quiet", text: suffix.toUpperCase(), on: { click: save } });
}

function csvCell(value) {
  const text = value === null ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function rowsTable(info, see) {
  const caption = h("caption");
  const body = h("tbody");
  const cells = () => info.columns.map((column) => h("td", { class: side(column.type) }));
  const fill = (node, row) => info.columns.forEach((column, at) => {
    const written = cellText(info, see, row, column.name, true);
    setText(node.children[at], written);
    setAttribute(node.children[at], "data-value", written === HIDDEN ? null : (row[at] ?? ""));
  });
  const element = h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `${info.title}: all rows` },
    h("table", { class: "data" }, caption,
      h("thead", {}, h("tr", {}, info.columns.map((column) => h("th", { scope: "col", class: side(column.type), text: column.title })))), body));
  return {
    element,
    draw(rows) {
      setText(caption, rows.length === 1 ? "1 row, exact" : `${rows.length} rows, exact`);
      keyed(body, rows.map((row, place) => ({ row, place })), { key: ({ place }) => place, make: () => h("tr", {}, cells()), update: (node, { row }) => fill(node, row) });
    },
  };
}
