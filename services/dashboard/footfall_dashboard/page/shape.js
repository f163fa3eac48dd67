// Which of a panel's rows are drawn, and as what. Nothing here touches the page.

/** More lines than this in one chart cannot be told apart. */
export const MOST_LINES = 6;

/** Returns where a column stands in a row, or -1. */
export function columnIndex(info, name) {
  return info.columns.findIndex((column) => column.name === name);
}

/** Returns the currencies of a panel's rows, sorted. */
export function currenciesOf(info, rows) {
  const at = currencyIndex(info);
  return at < 0 ? [] : [...new Set(rows.map((row) => row[at]).filter(Boolean))].sort();
}

/** Returns the rows in one currency, and those that hold no money: amounts of two currencies never meet. */
export function rowsIn(info, rows, currency) {
  const at = currencyIndex(info);
  return at < 0 ? rows : rows.filter((row) => !row[at] || row[at] === currency);
}

/** Returns what stands for a row's currency, `''` without one. */
export function currencyOf(info, row) {
  const at = currencyIndex(info);
  return at < 0 ? "" : (row[at] ?? "");
}

/**
 * Returns what a line chart draws: `xs` (sorted), and one plot for each type of number, since money and counts share no
 * axis. A line has a name and, for each x, the number as it was sent, or null where no row speaks: that is a gap, not 0.
 */
export function plotsOf(info, rows) {
  const { x, y, series } = info.chart;
  const xAt = columnIndex(info, x);
  const apart = series && columnIndex(info, series) !== currencyIndex(info) ? columnIndex(info, series) : -1;
  const keys = withGaps([...new Set(rows.map((row) => position(info.columns[xAt].type, row[xAt])))].sort((a, b) => a - b));
  const places = new Map(keys.map((key, place) => [key, place]));
  const lines = new Map();
  for (const row of rows) {
    for (const name of y) {
      const column = info.columns[columnIndex(info, name)];
      const title = apart < 0 ? column.title : y.length > 1 ? `${row[apart]}, ${column.title}` : String(row[apart]);
      const line = lines.get(title) ?? { name: title, type: column.type, values: keys.map(() => null) };
      line.values[places.get(position(info.columns[xAt].type, row[xAt]))] = row[columnIndex(info, name)];
      lines.set(title, line);
    }
  }
  const plots = new Map();
  for (const line of lines.values()) plots.set(line.type, [...(plots.get(line.type) ?? []), line]);
  return { xs: keys, plots: [...plots].map(([type, all]) => ({ type, ...largest(all) })) };
}

/** Returns where something stands on a horizontal axis: seconds for a time, else the number itself. */
export function position(type, raw) {
  return type === "time" ? Date.parse(raw) / 1000 : Number(raw);
}

function currencyIndex(info) {
  return info.columns.findIndex((column) => column.type === "currency");
}

function withGaps(xs) {
  const steps = xs.slice(1).map((x, place) => x - xs[place]);
  const step = Math.min(...steps);
  const all = [];
  for (const [place, x] of xs.entries()) {
    all.push(x);
    if (steps[place] > step * 1.5) all.push(x + step);
  }
  return all;
}

function largest(lines) {
  if (lines.length <= MOST_LINES) return { lines, of: lines.length };
  const sizes = new Map(lines.map((line) => [line, line.values.reduce((sum, value) => sum + Number(value ?? 0), 0)]));
  return { lines: [...lines].sort((a, b) => sizes.get(b) - sizes.get(a)).slice(0, MOST_LINES), of: lines.length };
}
