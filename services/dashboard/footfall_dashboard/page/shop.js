// The view of the shop: every panel in its group, or a wall of them.
import { h } from "./dom.js";
import { panelCard } from "./panel.js";
import { relatedBox } from "./related.js";

const GROUPS = { now: "Now", money: "Money", shoppers: "Shoppers", products: "Products", stock: "Stock", events: "Events" };
/** The panel whose products the recommender is asked about. */
const VIEWED = "most_viewed_products";
const ON_A_WALL = 6;
const TURN = 20000;

/** Makes the view of these panels; `take(panel)` shows one that has changed. */
export function shopView(infos, see, shownNow) {
  const cards = new Map(infos.map((info) => [info.id, panelCard(info, see)]));
  const viewed = cards.get(VIEWED);
  const related = viewed && !see.report && !see.wall ? relatedBox(see, shownNow) : null;
  const element = see.wall ? wall([...cards.values()]) : groups([...cards.values()], related);
  return {
    element,
    take(panel) {
      const card = cards.get(panel.id);
      if (!card) return;
      card.show(panel);
      if (card === viewed) related?.offer(card.info, card.rows());
    },
    redraw() {
      for (const card of cards.values()) card.redraw();
      related?.redraw();
    },
    currencies() {
      const all = [...cards.values()].map((card) => card.currencies());
      return [...new Set(all.flat())].sort();
    },
  };
}

function groups(cards, related) {
  const names = [...new Set([...Object.keys(GROUPS), ...cards.map(({ info }) => info.group)])];
  const sections = names.map((name) => {
    const inside = cards
      .filter(({ info }) => info.group === name)
      .flatMap(({ info, element }) => (info.id === VIEWED && related ? [element, related.element] : [element]));
    return inside.length ? group(name, inside) : null;
  });
  return h("div", { class: "shop" }, sections);
}

function group(name, inside) {
  const id = `group-${name}`;
  return h("section", { class: "group", "aria-labelledby": id, "data-group": name }, h("h2", { id, text: GROUPS[name] ?? name }), h("div", { class: "panels" }, inside));
}

function wall(cards) {
  const figures = cards.filter(({ info }) => info.chart.kind === "numbers");
  const others = cards.filter((card) => !figures.includes(card));
  const sheets = Array.from({ length: Math.ceil(others.length / ON_A_WALL) }, (_, at) =>
    h("div", { class: "sheet" }, others.slice(at * ON_A_WALL, (at + 1) * ON_A_WALL).map(({ element }) => element)));
  const place = h("span", { class: "place" });
  const pause = h("button", { type: "button", text: "Pause", "aria-pressed": "false", on: { click: hold } });
  let at = 0;
  let held = false;
  const turn = (step) => {
    at = (at + step + sheets.length) % sheets.length;
    sheets.forEach((sheet, number) => (sheet.hidden = number !== at));
    place.textContent = `${at + 1} of ${sheets.length}`;
  };
  function hold() {
    held = !held;
    pause.setAttribute("aria-pressed", String(held));
  }
  turn(0);
  setInterval(() => held || turn(1), TURN);
  addEventListener("keydown", ({ key, target }) => {
    if (target.closest("select, summary, a")) return;
    if (key === "ArrowRight" || key === "ArrowLeft") turn(key === "ArrowRight" ? 1 : -1);
  });
  const leaf = (name, text, step) => h("button", { type: "button", "aria-label": name, text, on: { click: () => turn(step) } });
  return h("div", { class: "wall" }, figures.map(({ element }) => element), sheets,
    h("div", { class: "turner" }, leaf("Previous panels", "‹", -1), place, leaf("Next panels", "›", 1), pause));
}
