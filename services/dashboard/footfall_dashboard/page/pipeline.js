// The map of the pipeline: who writes, which topics, the jobs between them, who reads.
import { h, svg } from "./dom.js";
import { decimal, duration, HIDDEN, moment } from "./text.js";

const COLUMNS = ["Writers", "Input topics", "Jobs", "Output topics", "Services"];
const WORDS = { ok: "fine", warning: "needs a look", error: "broken", unknown: "unknown" };
const SIGNS = { ok: "●", warning: "▲", error: "■", unknown: "○" };

/** Makes the view; `take(map)` shows the newest map. */
export function pipelineView(see) {
  const body = h("div", { class: "pipeline" }, h("p", { class: "why", text: "Waiting for the first look at the pipeline." }));
  let map = null;
  new ResizeObserver(() => map && connect(body, map)).observe(body);
  function redraw() {
    if (!map) return;
    const open = new Set([...body.querySelectorAll("details[open]")].map(({ id }) => id));
    const focused = document.activeElement?.closest("[id]")?.id;
    body.replaceChildren(...contents(map, see));
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    if (focused && body.querySelector(`#${CSS.escape(focused)}`)) body.querySelector(`#${CSS.escape(focused)}`).focus();
    connect(body, map);
  }
  return {
    element: body,
    redraw,
    take(next) {
      map = next;
      redraw();
    },
  };
}

function contents(map, see) {
  const columns = columnsOf(map);
  const wrong = map.parts.flatMap(({ facts }) => facts.filter(({ severity }) => severity !== "ok"));
  return [
    h("p", { class: "verdict", "data-state": map.state ?? "unknown" }, sign(map.state ?? "unknown"), " ", map.line ?? "", h("small", { text: ` as of ${moment(map.as_of, see.zone)}` })),
    wrong.length ? h("section", { class: "wrong", "aria-labelledby": "wrong-title" }, h("h2", { id: "wrong-title", text: "What to do" }), h("ul", {}, wrong.map((fact) => factItem(fact, see)))) : null,
    h("div", { class: "map" }, svg("svg", { class: "wires", "aria-hidden": "true" }),
      COLUMNS.map((title, at) => h("section", { class: "column", "aria-label": title }, h("h2", { text: title }), columns[at].map((part) => box(part, map, see))))),
    edgesTable(map, see),
  ].filter(Boolean);
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

function box(part, map, see) {
  const facts = part.facts.length ? h("details", { id: `facts-${part.id}` }, h("summary", {}, part.facts.length === 1 ? "1 fact" : `${part.facts.length} facts`, h("span", { class: "sr", text: ` of ${part.title}` })), h("ul", {}, part.facts.map((fact) => factItem(fact, see)))) : null;
  const name = part.kind === "topic" ? h("a", { href: `#/topics/${encodeURIComponent(part.title)}`, text: part.title }) : part.title;
  return h("div", { class: "part", id: `part-${part.id}`, "data-part": part.id, "data-state": part.state, "data-kind": part.kind },
    h("h3", {}, sign(part.state), " ", name), h("p", { class: "part-numbers" }, numbersOf(part, map, see)),
    safe(part.link) ? h("p", {}, h("a", { href: part.link, rel: "noreferrer", text: part.kind === "job" ? "Open in Flink’s UI" : "Open" })) : null, facts);
}

function numbersOf(part, map, see) {
  const lag = map.edges.filter(({ from, lag: behind }) => from === part.id && behind > 0).reduce((most, edge) => Math.max(most, edge.lag), 0);
  const { rate, watermark_behind_s: behind, checkpoint_age_s: age, restarts, tasks, tasks_running: running, late, dead, duplicates, retries } = part.numbers;
  const number = (value, places = null) => (see.hidden ? HIDDEN : decimal(value, { places }));
  const told = [
    [rate, () => `${number(rate, rate < 10 ? 1 : 0)} /s`],
    [lag || null, () => `lag ${number(lag)}`, "noted"],
    [behind, () => `watermark ${duration(behind)} behind`],
    [age, () => `checkpoint ${duration(age)} ago`],
    [tasks, () => `${number(running ?? 0)} of ${number(tasks)} tasks`],
    [restarts, () => `${number(restarts)} restarts`, restarts ? "noted" : ""],
    [late || null, () => `${number(late)} late`, "noted"],
    [dead || null, () => `${number(dead)} dead`, "noted"],
    [duplicates || null, () => `${number(duplicates)} duplicates`],
    [retries || null, () => `${number(retries)} retries`, "noted"],
  ];
  return told.filter(([value]) => value !== null && value !== undefined).map(([, text, kind]) => h("span", { class: kind || "plain", text: text() }));
}

function factItem(fact, see) {
  return h("li", { "data-state": fact.severity }, sign(fact.severity), " ", fact.text,
    fact.since ? h("small", { text: ` since ${moment(fact.since, see.zone)}` }) : null, fact.cure ? h("span", { class: "cure", text: fact.cure }) : null);
}

function sign(state) {
  return h("span", { class: "sign", "data-state": state }, h("span", { "aria-hidden": "true", text: SIGNS[state] ?? SIGNS.unknown }), h("span", { class: "sr", text: WORDS[state] ?? state }));
}

function edgesTable(map, see) {
  const titles = new Map(map.parts.map(({ id, title }) => [id, title]));
  const number = (value, places) => (value === null || value === undefined ? "–" : see.hidden ? HIDDEN : decimal(value, { places }));
  return h("details", { class: "about", id: "edges" }, h("summary", { text: "All arrows as a table" }),
    h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "All arrows" }, h("table", {},
      h("thead", {}, h("tr", {}, ["from", "to", "messages per second", "lag"].map((text, at) => h("th", { scope: "col", class: at > 1 ? "number" : "", text })))),
      h("tbody", {}, map.edges.map((edge) => h("tr", {}, h("td", { text: titles.get(edge.from) ?? edge.from }), h("td", { text: titles.get(edge.to) ?? edge.to }),
        h("td", { class: "number", text: number(edge.rate, 1) }), h("td", { class: "number", text: number(edge.lag, 0) })))))));
}

function safe(link) {
  return typeof link === "string" && /^https?:\/\//.test(link);
}

// Arrows are drawn where the boxes came to stand.
function connect(body, map) {
  const wires = body.querySelector(".wires");
  if (!wires || !wires.parentElement.clientWidth) return;
  const origin = wires.parentElement.getBoundingClientRect();
  const at = new Map([...body.querySelectorAll("[data-part]")].map((node) => [node.dataset.part, node.getBoundingClientRect()]));
  const worst = new Map(map.parts.map(({ id, state }) => [id, state]));
  wires.setAttribute("viewBox", `0 0 ${origin.width} ${origin.height}`);
  wires.replaceChildren(...map.edges.filter(({ from, to }) => at.has(from) && at.has(to)).map((edge) => {
    const [one, two] = [at.get(edge.from), at.get(edge.to)];
    const forth = two.left >= one.right;
    const [x1, x2] = forth ? [one.right - origin.left, two.left - origin.left] : [one.left - origin.left, two.right - origin.left];
    const [y1, y2] = [one.top + Math.min(one.height / 2, 24) - origin.top, two.top + Math.min(two.height / 2, 24) - origin.top];
    const bend = (x2 - x1) / 2;
    const ends = [worst.get(edge.from), worst.get(edge.to)];
    const state = ["error", "warning"].find((bad) => ends.includes(bad)) ?? (edge.rate > 0 ? "moving" : "quiet");
    return svg("path", { d: `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`, "data-state": state });
  }));
}
