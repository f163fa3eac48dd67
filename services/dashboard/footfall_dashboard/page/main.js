// The page: its views, its settings and where its numbers come from.
import { h, setAttribute, setText } from "./dom.js";
import { light, PANEL } from "./light.js";
import { follow } from "./live.js";
import { pipelineView } from "./pipeline.js";
import { shopView } from "./shop.js";
import { clock } from "./text.js";
import { topicsView } from "./topics.js";

const TITLES = { shop: "Shop", pipeline: "Pipeline", topics: "Topics" };
const dark = matchMedia("(prefers-color-scheme: dark)");
const by = (id) => document.getElementById(id);
const inlined = by("report");

/** What the reader has chosen, and what every part draws by. */
const see = {
  currency: remembered("currency") ?? "",
  hidden: remembered("hidden") === "yes",
  theme: "",
  zone: "UTC",
  report: inlined !== null,
  wall: new URLSearchParams(location.search).get("wall") === "1",
};
const views = { pipeline: pipelineView(see), topics: topicsView(see) };
const newest = new Map();
const changed = new Set();
const shine = light(by("light"), by("light-text"), showComparisons);
let compared = null;
let catalog = "";
let seenServer = null;

document.documentElement.dataset.wall = String(see.wall);
setTheme(remembered("theme") ?? (dark.matches ? "dark" : "light"));
setHidden(see.hidden);
listen();
if (see.report) showReport(JSON.parse(inlined.textContent));
else start();

function listen() {
  by("theme").addEventListener("click", () => {
    setTheme(see.theme === "dark" ? "light" : "dark");
    remember("theme", see.theme);
    redraw();
  });
  by("hide").addEventListener("click", () => {
    setHidden(!see.hidden);
    remember("hidden", see.hidden ? "yes" : "no");
    redraw();
  });
  by("currency").addEventListener("change", ({ target }) => {
    see.currency = target.value;
    remember("currency", see.currency);
    redraw();
  });
  dark.addEventListener("change", () => {
    if (remembered("theme")) return;
    setTheme(dark.matches ? "dark" : "light");
    redraw();
  });
  by("full").addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()));
  addEventListener("hashchange", () => route(true));
}

async function start() {
  by("full").hidden = !see.wall;
  if (see.wall) {
    setText(by("wall"), "Leave the wall");
    setAttribute(by("wall"), "href", ".");
  }
  follow({ panel: takePanel, pipeline: (map) => views.pipeline.take(map), server: takeServer }, showConnection);
  await loadPanels();
}

async function loadPanels() {
  try {
    const answer = await fetch("v1/panels", { cache: "no-store" });
    if (answer.status === 401) return location.assign("login");
    if (!answer.ok) throw new Error(String(answer.status));
    const found = await answer.text();
    if (found !== catalog) showShop(JSON.parse(found));
    catalog = found;
  } catch {
    setTimeout(loadPanels, 2000);
  }
}

function showShop({ panels, time_zone: zone }) {
  see.zone = zone ?? "UTC";
  if (zone) setText(by("about-times"), `Times are of the shop’s time zone, ${zone}.`);
  compared = panels.find(({ id }) => id === PANEL) ?? null;
  views.shop = shopView(panels, see, () => viewName() === "shop" && !document.hidden);
  for (const id of newest.keys()) changed.add(id);
  drawChanged();
  route(false);
}

function showReport(report) {
  document.documentElement.dataset.report = "true";
  for (const name of ["pipeline", "topics"]) document.querySelector(`[data-view=${name}]`).remove();
  by("wall").remove();
  document.querySelector(".connection").dataset.state = "report";
  setText(by("connection-text"), report.title ?? "Report");
  document.querySelector(".foot a").parentElement.remove();
  for (const panel of Object.values(report.data)) newest.set(panel.id, panel);
  showShop(report);
}

function takePanel(panel) {
  newest.set(panel.id, panel);
  changed.add(panel.id);
  // Frames come only while the page is seen: one in the background draws nothing.
  if (changed.size === 1) requestAnimationFrame(drawChanged);
}

function drawChanged() {
  if (!views.shop) return;
  for (const id of changed) views.shop.take(newest.get(id));
  if (compared && changed.has(PANEL)) shine(compared, newest.get(PANEL));
  changed.clear();
  chooseCurrency();
}

function showComparisons() {
  if (see.wall) return;
  if (viewName() !== "shop") location.hash = "#/";
  // The view is there once its address has been followed.
  setTimeout(() => {
    const card = by(`panel-${PANEL}`);
    card?.scrollIntoView({ block: "center" });
    card?.querySelector(".scroll")?.focus({ preventScroll: true });
  });
}

function takeServer(server) {
  setText(by("server-text"), `Footfall ${server.version}`);
  if (seenServer && seenServer.version !== server.version) location.reload();
  else if (seenServer && seenServer.started_at !== server.started_at) loadPanels();
  seenServer = server;
}

function chooseCurrency() {
  const all = views.shop?.currencies() ?? [];
  const select = by("currency");
  if (all.join() !== [...select.options].map(({ value }) => value).join()) {
    select.replaceChildren(...all.map((currency) => h("option", { value: currency, text: currency })));
  }
  by("currency-choice").hidden = all.length < 2;
  const chosen = all.includes(see.currency) ? see.currency : (all[0] ?? see.currency);
  select.value = chosen;
  if (chosen === see.currency) return;
  see.currency = chosen;
  redraw();
}

function viewName() {
  const name = location.hash.replace(/^#\/?/, "").split(/[/?]/)[0];
  return name in TITLES && !see.report && !see.wall ? name : "shop";
}

function route(moved) {
  const name = viewName();
  const view = views[name];
  if (!view) return;
  for (const link of document.querySelectorAll("[data-view]")) setAttribute(link, "aria-current", link.dataset.view === name ? "page" : null);
  document.title = name === "shop" ? "Footfall" : `Footfall: ${TITLES[name]}`;
  setText(by("view-title"), TITLES[name]);
  if (by("view").firstChild !== view.element) by("view").replaceChildren(view.element);
  view.visit?.(location.hash);
  view.redraw();
  if (moved && !location.hash.startsWith("#main")) by("main").focus({ preventScroll: true });
}

function redraw() {
  views[viewName()]?.redraw();
}

function showConnection(state, since, why) {
  const text = { connecting: "Connecting", live: "Live", lost: "Connection lost" }[state];
  document.querySelector(".connection").dataset.state = state;
  setText(by("connection-text"), since ? `${text} since ${clock(since, see.zone)}` : text);
  const lost = by("lost");
  lost.hidden = state !== "lost";
  setText(lost, since ? `No connection to the server since ${clock(since, see.zone)}${why ? `: ${why}` : ""}. What you see is of then. It is tried again by itself.` : "");
}

function setTheme(theme) {
  see.theme = theme;
  document.documentElement.dataset.theme = theme;
  by("theme").setAttribute("aria-pressed", String(theme === "dark"));
}

function setHidden(hidden) {
  see.hidden = hidden;
  document.documentElement.dataset.hidden = String(hidden);
  by("hide").setAttribute("aria-pressed", String(hidden));
}

function remembered(name) {
  try {
    return localStorage.getItem(`footfall.${name}`);
  } catch {
    return null;
  }
}

function remember(name, value) {
  try {
    localStorage.setItem(`footfall.${name}`, value);
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}
