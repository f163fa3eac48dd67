// Makes elements, and keeps them while what they show changes.

/** Makes an HTML element. Props: `class`, `text`, `on` ({event: listener}), `css` ({property: value}), else attributes. */
export function h(tag, props = {}, ...children) {
  return dress(document.createElement(tag), props, children);
}

/** Makes an SVG element, with the same props. */
export function svg(tag, props = {}, ...children) {
  return dress(document.createElementNS("http://www.w3.org/2000/svg", tag), props, children);
}

/** Sets text, and touches nothing when it already stands there: what is selected stays selected. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Sets an attribute; null and false take it away. */
export function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value === true ? "" : value);
}

/** Makes the children of `parent` those of `items`: an item keeps its element, so that it can move and grow. */
export function keyed(parent, items, { key, make, update }) {
  const known = (parent.madeFor ??= new Map());
  const names = distinct(items.map((item) => String(key(item))));
  const kept = new Set(names);
  for (const [name, node] of known) {
    if (!kept.has(name)) {
      node.remove();
      known.delete(name);
    }
  }
  items.forEach((item, place) => {
    const name = names[place];
    if (!known.has(name)) known.set(name, make(item));
    const node = known.get(name);
    if (parent.children[place] !== node) parent.insertBefore(node, parent.children[place] ?? null);
    update(node, item, place);
  });
}

/** Replaces what is inside, and leaves the focus and what was scrolled sideways where they were. */
export function renew(parent, children) {
  const usable = () => [...parent.querySelectorAll("a, button, select, input, summary, [tabindex]")];
  const scrolled = () => [...parent.querySelectorAll(".scroll")];
  const focused = usable().indexOf(document.activeElement);
  const places = scrolled().map(({ scrollLeft }) => scrollLeft);
  parent.replaceChildren(...children.filter(Boolean));
  scrolled().forEach((node, at) => (node.scrollLeft = places[at] ?? 0));
  if (focused >= 0) usable()[focused]?.focus({ preventScroll: true });
}

function dress(node, { on = {}, css = {}, text, class: classes, ...attributes }, children) {
  if (classes) node.setAttribute("class", classes);
  if (text !== undefined) node.textContent = text;
  for (const [name, value] of Object.entries(attributes)) setAttribute(node, name, value);
  for (const [name, value] of Object.entries(css)) node.style.setProperty(name, value);
  for (const [name, listener] of Object.entries(on)) node.addEventListener(name, listener);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

// Two items of one name are two elements.
function distinct(names) {
  const seen = new Map();
  return names.map((name) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name} #${times}`;
  });
}
