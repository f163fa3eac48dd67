// The view of topics: all of them, or one with its partitions, fields and newest messages. It reads, and changes nothing.
import { h, renew, setText } from "./dom.js";
import { decimal, HIDDEN, moment, NOTHING } from "./text.js";

const KINDS = { input: "What the shop sends", output: "What analytics computes", service: "The services’ own", recorded: "What the last replay computed" };
const AFRESH = 10000;

/** Makes the view; `visit(hash)` shows what an address names: `#/topics`, or `#/topics/<name>?partition=…&key=…`. */
export function topicsView(see) {
  const complaint = h("p", { class: "lost", hidden: true });
  const body = h("div", { class: "topics-body", "aria-busy": "true" }, h("p", { class: "first", text: "Asking for the topics." }));
  const element = h("div", { class: "topics" }, complaint, body);
  let place = null;
  let list = null;
  let topic = null;

  async function load() {
    const asked = place;
    try {
      if (!asked.name) list = await answerOf("v1/topics");
      else topic = await topicOf(asked);
      complaint.hidden = true;
    } catch (error) {
      setText(complaint, error.message);
      complaint.hidden = false;
    }
    if (asked === place) redraw();
  }

  async function older() {
    const { name } = topic.detail;
    const page = await answerOf(messagesAddress(place, topic.messages.older));
    if (name !== place.name) return;
    topic.messages = { ...page, messages: [...topic.messages.messages, ...page.messages] };
    redraw();
  }

  function redraw() {
    const shown = place?.name ? topic && topic.detail.name === place.name && topicPage(topic, place, see, { load, older }) : list && listPage(list, see);
    if (!shown) return;
    body.removeAttribute("aria-busy");
    renew(body, shown);
  }

  setInterval(() => element.isConnected && !document.hidden && place && !place.name && load(), AFRESH);
  return {
    element,
    redraw,
    visit(hash) {
      place = placeOf(hash);
      load();
    },
  };
}

function placeOf(hash) {
  const [path, query = ""] = hash.replace(/^#\/?topics\/?/, "").split("?");
  const asked = new URLSearchParams(query);
  return { name: decodeURIComponent(path), partition: asked.get("partition") ?? "", key: asked.get("key") ?? "" };
}

async function topicOf(place) {
  const [detail, messages] = await Promise.all([answerOf(`v1/topics/${encodeURIComponent(place.name)}`), answerOf(messagesAddress(place))]);
  return { detail, messages };
}

function messagesAddress({ name, partition, key }, before = null) {
  const asked = new URLSearchParams(Object.entries({ partition, key, before }).filter(([, value]) => value));
  return `v1/topics/${encodeURIComponent(name)}/messages?${asked}`;
}

async function answerOf(address) {
  const answer = await fetch(address, { cache: "no-store" }).catch(() => null);
  if (!answer) throw new Error("The server does not answer; what you see is of before.");
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.detail ?? `The server answers ${answer.status}.`);
  return body;
}

function listPage({ as_of: asOf, topics }, see) {
  const kinds = [...new Set([...Object.keys(KINDS), ...topics.map(({ kind }) => kind)])];
  return [
    h("p", { class: "fresh", text: `${topics.length} topics · as of ${moment(asOf, see.zone)}` }),
    ...kinds.map((kind) => {
      const own = topics.filter((topic) => topic.kind === kind);
      if (!own.length) return null;
      return h("section", { class: "group", "aria-labelledby": `kind-${kind}` }, h("h2", { id: `kind-${kind}`, text: KINDS[kind] ?? kind }),
        tableOf(`${KINDS[kind] ?? kind}: topics`, ["Topic", "One message is", "#Partitions", "#Offsets", "#Held back", "#Lag", "Kept"], own.map((topic) => [
          h("a", { href: `#/topics/${encodeURIComponent(topic.name)}`, text: topic.name }), h("span", { class: "doc", text: topic.doc }), topic.partitions,
          hiding(see, topic.offsets), hiding(see, topic.held_back), lagOf(see, topic.lags), kept(topic),
        ])));
    }),
  ];
}

function topicPage({ detail, messages }, place, see, { load, older }) {
  const { name } = detail;
  return [
    h("p", { class: "back" }, h("a", { href: "#/topics", text: "All topics" })),
    h("header", { class: "topic-head" }, h("h2", { text: name }), h("p", { text: detail.doc }),
      h("p", { class: "fresh", text: [KINDS[detail.kind] ?? detail.kind, kept(detail), `as of ${moment(detail.as_of, see.zone)}`].filter(Boolean).join(" · ") })),
    section("Partitions", tableOf("Partitions", ["#Partition", "#Begin", "#End", "#Last stable", "#Held back", "Consumer groups"], detail.places.map((at) => [
      at.partition, hiding(see, at.begin), hiding(see, at.end), hiding(see, at.last_stable), hiding(see, at.end - at.last_stable),
      at.groups.map(({ group, committed, lag }) => h("div", {}, `${group} at `, hiding(see, committed), ", lag ", hiding(see, lag))),
    ]))),
    detail.fields.length ? h("details", { class: "about" }, h("summary", { text: `Fields (${detail.fields.length})` }),
      tableOf("Fields", ["Field", "Type", "Meaning"], detail.fields.map((field) => [
        h("span", {}, field.name, field.is_key ? h("span", { class: "chip", text: "key" }) : null, field.is_personal ? h("span", { class: "chip", text: "personal" }) : null),
        h("code", { text: field.type }), h("span", { class: "doc", text: field.doc }),
      ]))) : null,
    section("Newest messages", filterForm(detail, place, load),
      h("p", { class: "fresh", text: `${messages.messages.length} messages, newest first, of ${see.hidden ? HIDDEN : decimal(messages.looked_at)} offsets looked at` }),
      messages.messages.length ? h("ol", { class: "messages" }, messages.messages.map((message) => messageItem(message, see)))
        : h("p", { class: "why", text: place.key ? `No message of key “${place.key}” among these offsets.` : "There is no message." }),
      messages.older ? h("button", { type: "button", text: messages.messages.length ? "Show older ones" : "Look further back", on: { click: older } }) : null),
  ];
}

function section(title, ...content) {
  return h("section", { class: "group" }, h("h3", { text: title }), content);
}

function filterForm(detail, place, load) {
  const partition = h("select", { id: "filter-partition" }, h("option", { value: "", text: "all" }), detail.places.map((at) => h("option", { value: String(at.partition), text: String(at.partition) })));
  const key = h("input", { id: "filter-key", value: place.key, autocomplete: "off", spellcheck: "false" });
  partition.value = place.partition;
  const submit = (event) => {
    event.preventDefault();
    const asked = new URLSearchParams(Object.entries({ partition: partition.value, key: key.value }).filter(([, value]) => value));
    const target = `#/topics/${encodeURIComponent(detail.name)}${asked.size ? `?${asked}` : ""}`;
    if (location.hash === target) load();
    else location.hash = target;
  };
  return h("form", { class: "filter", on: { submit } }, h("label", { for: "filter-partition", text: "Partition" }), partition, h("label", { for: "filter-key", text: "Key" }), key, h("button", { text: "Show the newest" }));
}

function messageItem(message, see) {
  const { partition, offset, time, key, key_bytes: keyBytes, value, bytes, reason } = message;
  const preview = see.hidden ? HIDDEN : message.is_tombstone ? "deletes its key" : value === null ? (reason ?? "") : JSON.stringify(value);
  const broken = Boolean(bytes || reason);
  return h("li", { "data-state": broken ? "warning" : "ok" }, h("details", {},
    h("summary", {}, h("span", { class: "where", text: `${partition}:${see.hidden ? HIDDEN : offset}` }), h("time", { datetime: time ?? "", text: time ? moment(time, see.zone) : NOTHING }),
      h("b", { text: see.hidden ? HIDDEN : (key ?? (keyBytes ? `0x${keyBytes.hex}` : "no key")) }), h("span", { class: "preview", text: preview })),
    see.hidden ? h("p", { text: "Numbers are hidden." }) : inside(message)));
}

function inside({ value, bytes, reason, headers, schema_id: schema, masked, is_tombstone: tombstone }) {
  return h("div", { class: "inside" },
    reason ? h("p", { class: "reason" }, h("b", { text: "Reason: " }), reason) : null,
    value !== null && !tombstone ? h("pre", { tabindex: 0, "aria-label": "Value", role: "region", text: JSON.stringify(value, null, 2) }) : null,
    bytes ? bytesOf("Bytes", bytes) : null,
    h("p", { class: "fresh", text: [schema === null ? "no schema id" : `schema ${schema}`, masked.length ? `masked: ${masked.join(", ")} (DASHBOARD_SHOW_PERSONAL shows them)` : ""].filter(Boolean).join(" · ") }),
    headers.length ? h("dl", { class: "facts" }, headers.map(({ name, text, bytes: raw }) => h("div", {}, h("dt", { text: name }), h("dd", { text: text ?? (raw ? `0x${raw.hex}` : NOTHING) })))) : null);
}

function bytesOf(title, { size, hex, is_cut: cut }) {
  const whole = hex.length / 2 >= size && !cut;
  return h("div", {}, h("p", { class: "fresh", text: `${title}: ${decimal(size)}${whole ? "" : `, the first ${decimal(hex.length / 2)} of them`}` }),
    h("pre", { tabindex: 0, "aria-label": title, role: "region", text: hex.replace(/(..)/g, "$1 ").replace(/((?:.. ){16})/g, "$1\n").trim() }));
}

function tableOf(label, heads, rows) {
  const number = heads.map((head) => head.startsWith("#"));
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": label }, h("table", {},
    h("thead", {}, h("tr", {}, heads.map((head, at) => h("th", { scope: "col", class: number[at] ? "number" : "", text: head.replace("#", "") })))),
    h("tbody", {}, rows.map((cells) => h("tr", {}, cells.map((cell, at) => h("td", { class: number[at] ? "number" : "" }, cell)))))));
}

function lagOf(see, lags) {
  return lags.length ? h("span", { title: lags.map(({ group }) => group).join(", ") }, hiding(see, Math.max(...lags.map(({ lag }) => lag)))) : NOTHING;
}

function hiding(see, value) {
  return see.hidden ? HIDDEN : decimal(value);
}

function kept({ cleanup, retention_hours: hours }) {
  if (cleanup === "compact") return "newest of each key";
  return hours ? `${decimal(hours % 24 ? hours : hours / 24)} ${hours % 24 ? "hours" : "days"}` : "";
}
