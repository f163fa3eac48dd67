// The map of the pipeline: who writes, which topics, the jobs between them, who reads.
import { h, keyed, setAttribute, setText, svg } from "./dom.js";
import { decimal, duration, HIDDEN, moment, NOTHING } from "./text.js";

const COLUMNS = ["Writers", "Input topics", "Jobs", "Output topics", "Services"];
const WORDS = { ok: "fine", warning: "needs a look", error: "broken", unknown: "unknown" };
const SIGNS = { ok: "●", warning: "▲", error: "■", unknown: "○" };

/** Makes the view; `take(map)` shows the newest map. */
export function pipelineView(see) {
  const first = h("p", { class: "first", text: "Waiting for the first look at the pipeline." });
  const verdict = h("p", { class: "verdict" }, h("span", { class: "verdict-sign" }), h("span"), h("small"));
  const wrong = h("ul");
  const help = h("section", { class: "wrong", "aria-labelledby": "wrong-title" }, h("h2", { id: "wrong-title", text: "What to do" }), wrong);
  const wires = svg("svg", { class: "wires", "aria-hidden": "true" });
  const columns = COLUMNS.map(() => h("div", { class: "boxes" }));
  const drawn = h("div", { class: "map" }, wires, COLUMNS.map((title, at) => h("section", { class: "column", "aria-label": title }, h("h2", { text: title }), columns[at])));
  const edges = edgesTable(see);
  const whole = h("div", { hidden: true }, verdict, help, drawn, edges.element);
  const element = h("div", { class: "pipeline" }, first, whole);
  let map = null;
  new ResizeObserver(() => map && connect(drawn, wires, map)).observe(drawn);

  function redraw() {
    if (!map) return;
    first.hidden = true;
    whole.hidden = false;
    tell(verdict, map, see);
    const bad = map.parts.flatMap(({ facts }) => facts.filter(({ severity }) => severity !== "ok"));
    help.hidden = bad.length === 0;
    factList(wrong, bad, see);
    columnsOf(map).forEach((parts, at) => keyed(columns[at], parts, { key: ({ id }) => id, make: box, update: (node, part) => fillBox(node, part, map, see) }));
    edges.draw(map);
    connect(drawn, wires, map);
  }

  return {
    element,
    redraw,
    take(next) {
      map = next;
      if (element.isConnected) redraw();
    },
  };
}

function tell(node, map, see) {
  const [mark, line, when] = node.children;
  sign(mark, map.state);
  setText(line, ` ${map.line} `);
  setText(when, `as of ${moment(map.as_of, see.zone)}`);
}

function columnsOf(map) {
  const kinds = new Map(map.parts.map(({ id, kind }) => [id, kind]));
  const read = new Set(map.edges.filter(({ to }) => kinds.get(to) === "job").map(({ from }) => from));
  const written = new Set(map.edges.filter(({ from }) => kinds.get(from) === "job").map(({ to }) => to));
  const place = ({ id, kind }) => {
    if (kind === "producer") return 0;
    if (kind === "job") return 2;
    if (kind === "service") return 4;
    return read.has(id) && !written.has(id) ? 1 : 3;
  };
  return COLUMNS.map((_, at) => map.parts.filter((part) => place(part) === at));
}

function box(part) {
  const name = part.kind === "topic" ? h("a", { href: `#/topics/${encodeURIComponent(part.title)}`, text: part.title }) : part.title;
  return h("div", { class: "part", "data-part": part.id, "data-kind": part.kind }, h("h3", {}, h("span"), " ", name), h("p", { class: "part-numbers" }),
    h("p", {}, h("a", { rel: "noreferrer", text: part.kind === "job" ? "Open in Flink’s UI" : "Open" })),
    h("details", {}, h("summary", {}, h("span"), h("span", { class: "sr", text: ` of ${part.title}` })), h("ul")));
}

function fillBox(node, part, map, see) {
  const [head, numbers, link, facts] = node.children;
  setAttribute(node, "data-state", part.state);
  sign(head.firstChild, part.state);
  keyed(numbers, numbersOf(part, map, see), { key: ({ name }) => name, make: ({ noted }) => h("span", { class: noted ? "noted" : "plain" }), update: (span, { text }) => setText(span, text) });
  link.hidden = !safe(part.link);
  if (safe(part.link)) setAttribute(link.firstChild, "href", part.link);
  facts.hidden = part.facts.length === 0;
  setText(facts.firstChild.firstChild, part.facts.length === 1 ? "1 fact" : `${part.facts.length} facts`);
  factList(facts.lastChild, part.facts, see);
}

function numbersOf(part, map, see) {
  const lag = map.edges.filter(({ from, lag: behind }) => from === part.id && behind > 0).reduce((most, edge) => Math.max(most, edge.lag), 0);
  const { rate, watermark_behind_s: behind, checkpoint_age_s: age, restarts, tasks, tasks_running: running, late, dead, duplicates, retries } = part.numbers;
  const number = (value, places = null) => (see.hidden ? HIDDEN : decimal(value, { places }));
  const told = [
    ["rate", rate, () => `${number(rate, rate < 10 ? 1 : 0)} /s`],
    ["lag", lag || null, () => `lag ${number(lag)}`, true],
    ["behind", behind, () => `watermark ${duration(behind)} behind`],
    ["age", age, () => `checkpoint ${duration(age)} ago`],
    ["tasks", tasks, () => `${number(running ?? 0)} of ${number(tasks)} tasks`],
    ["restarts", restarts, () => `${number(restarts)} restarts`],
    ["late", late || null, () => `${number(late)} late`, true],
    ["dead", dead || null, () => `${number(dead)} dead`, true],
    ["duplicates", duplicates || null, () => `${number(duplicates)} duplicates`],
    ["retries", retries || null, () => `${number(retries)} retries`, true],
  ];
  return told.filter(([, value]) => value !== null && value !== undefined).map(([name, , text, noted]) => ({ name, text: text(), noted }));
}

function factList(list, facts, see) {
  keyed(list, facts, {
    key: ({ text }) => text.replace(/[\d.,]+/g, "#"),
    make: () => h("li", {}, h("span"), " ", h("span"), h("small"), h("span", { class: "cure" })),
    update(node, fact) {
      const [mark, text, since, cure] = node.children;
      sign(mark, fact.severity);
      setText(text, fact.text);
      setText(since, fact.since ? ` since ${moment(fact.since, see.zone)}` : "");
      setText(cure, fact.cure);
    },
  });
}

function sign(node, state) {
  if (node.dataset.state === state) return;
  setAttribute(node, "class", "sign");
  setAttribute(node, "data-state", state);
  node.replaceChildren(h("span", { "aria-hidden": "true", text: SIGNS[state] ?? SIGNS.unknown }), h("span", { class: "sr", text: WORDS[state] ?? state }));
}

function edgesTable(see) {
  const body = h("tbody");
  const number = (value, places) => (value === null || value === undefined ? NOTHING : see.hidden ? HIDDEN : decimal(value, { places }));
  const side = (at) => (at > 1 ? "number" : "");
  const heads = ["from", "to", "messages per second", "lag"];
  const element = h("details", { class: "about" }, h("summary", { text: "All arrows as a table" }),
    h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "All arrows" }, h("table", {},
      h("thead", {}, h("tr", {}, heads.map((text, at) => h("th", { scope: "col", class: side(at), text })))), body)));
  return {
    element,
    draw(map) {
      const titles = new Map(map.parts.map(({ id, title }) => [id, title]));
      keyed(body, map.edges, {
        key: wire,
        make: () => h("tr", {}, heads.map((_, at) => h("td", { class: side(at) }))),
        update: (row, { from, to, rate, lag }) => [titles.get(from) ?? from, titles.get(to) ?? to, number(rate, 1), number(lag, 0)].forEach((text, at) => setText(row.children[at], text)),
      });
    },
  };
}

function wire({ from, to }) {
  return `${from} ${to}`;
}

function safe(link) {
  return typeof link === "string" && /^https?:\/\//.test(link);
}

// Arrows are drawn where the boxes came to stand.
function connect(drawn, wires, map) {
  if (!drawn.clientWidth) return;
  const origin = drawn.getBoundingClientRect();
  const boxes = new Map([...drawn.querySelectorAll("[data-part]")].map((node) => [node.dataset.part, node.getBoundingClientRect()]));
  const states = new Map(map.parts.map(({ id, state }) => [id, state]));
  setAttribute(wires, "viewBox", `0 0 ${origin.width} ${origin.height}`);
  keyed(wires, map.edges.filter(({ from, to }) => boxes.has(from) && boxes.has(to)), {
    key: wire,
    make: () => svg("path"),
    update(path, { from, to, rate }) {
      const ends = [states.get(from), states.get(to)];
      setAttribute(path, "d", curve(boxes.get(from), boxes.get(to), origin));
      setAttribute(path, "data-state", ["error", "warning"].find((bad) => ends.includes(bad)) ?? (rate > 0 ? "moving" : "quiet"));
    },
  });
}

function curve(from, to, origin) {
  const forth = to.left >= from.right;
  const [x1, x2] = forth ? [from.right, to.left] : [from.left, to.right];
  const [y1, y2] = [from, to].map(({ top, height }) => top + Math.min(height / 2, 24) - origin.top);
  const [start, end] = [x1 - origin.left, x2 - origin.left];
  const bend = (end - start) / 2;
  return `M${start} ${y1} C${start + bend} ${y1} ${end - bend} ${y2} ${end} ${y2}`;
}
