// The recommender at work: what else the viewers of a product viewed, asked again and again.
import { h, keyed, setAttribute, setText } from "./dom.js";
import { columnIndex } from "./shape.js";
import { decimal, HIDDEN, moment } from "./text.js";

const EVERY = 5000;

/** Makes the recommender's box; `offer(info, rows)` tells it which products are viewed most. */
export function relatedBox(see, shownNow) {
  const choice = h("select", { id: "related-product", on: { change: ask } });
  const fresh = h("p", { class: "fresh", text: "asked every 5 s" });
  const why = h("p", { class: "why", text: "Waiting for the most viewed products." });
  const list = h("ol", { class: "ranking" });
  const element = h("article", { class: "panel", id: "panel-related", "aria-labelledby": "panel-related-title", "data-kind": "ranking", "data-state": "loading" },
    h("header", {}, h("h3", { id: "panel-related-title", text: "Also viewed" })),
    h("p", { class: "choice" }, h("label", { for: "related-product", text: "Viewers of " }), choice), fresh, why, list,
    h("details", { class: "about" }, h("summary", {}, "About and data", h("span", { class: "sr", text: " of Also viewed" })),
      h("p", { text: "Products that the same users viewed within half an hour, recent views weighing more: the recommender's own answer." }),
      h("p", {}, h("a", { id: "related-answer", text: "Its answer as JSON" }))));
  let items = [];

  async function ask() {
    const product = choice.value;
    if (!product || !shownNow()) return;
    const address = `v1/related/${encodeURIComponent(product)}`;
    setAttribute(element.querySelector("#related-answer"), "href", address);
    try {
      const answer = await fetch(address, { signal: AbortSignal.timeout(EVERY) });
      const body = await answer.json();
      if (product !== choice.value) return;
      if (answer.ok) fill(body);
      else tell("stale", body.detail ?? `The recommender answers ${answer.status}.`);
    } catch {
      tell("stale", "The recommender does not answer; it is asked again.");
    }
  }

  function fill(answer) {
    items = answer.items;
    tell(items.length ? "live" : "empty", items.length ? "" : "Nobody has viewed another product together with it yet.");
    setText(fresh, answer.as_of ? `as of ${moment(answer.as_of, see.zone)} · asked every 5 s` : "asked every 5 s");
    redraw();
  }

  function tell(state, text) {
    setAttribute(element, "data-state", state);
    setText(why, text);
    why.hidden = !text;
  }

  function redraw() {
    const most = Math.max(...items.map(({ score }) => score), 0) || 1;
    keyed(list, items.slice(0, 8), {
      key: ({ product_id: id }) => id,
      make: () => h("li", {}, h("span", { class: "rank" }), h("span", { class: "ranked" }, h("span", { class: "ranked-name" }), h("small"), h("span", { class: "bar-track" }, h("i"))), h("b", { title: "score" })),
      update(node, item) {
        const [rank, ranked, score] = node.children;
        setText(rank, String(item.rank));
        setText(ranked.children[0], item.product_id);
        setText(ranked.children[1], see.hidden ? "" : `${decimal(item.support)} users`);
        ranked.children[2].firstChild.style.setProperty("--share", String(item.score / most));
        setText(score, see.hidden ? HIDDEN : decimal(item.score, { places: 1 }));
      },
    });
  }

  setInterval(ask, EVERY);
  return {
    element,
    redraw,
    offer(info, rows) {
      const products = rows.map((row) => row[columnIndex(info, "product_id")]);
      const chosen = choice.value;
      const offered = chosen && !products.includes(chosen) ? [chosen, ...products] : products;
      if (offered.join() === [...choice.options].map(({ value }) => value).join()) return;
      choice.replaceChildren(...offered.map((product) => h("option", { value: product, text: product })));
      if (chosen) choice.value = chosen;
      else ask();
    },
  };
}
