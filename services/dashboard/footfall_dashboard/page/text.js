// Numbers, amounts and times as text. Amounts arrive as text and never become floats: what is printed is what was sent.

export const HIDDEN = "•••";
export const NOTHING = "–";

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?$/;
const formats = new Map();

/** Writes a decimal number's text with thousands separated; rounded half up to `places`, or exact, with at least `least`. */
export function decimal(text, { places = null, least = 0 } = {}) {
  const match = NUMBER.exec(String(text));
  if (!match) return String(text);
  const [, sign, digits, decimals = ""] = match;
  const [whole, fraction] = places === null ? [digits, decimals.padEnd(least, "0")] : rounded(digits, decimals, places);
  const grouped = whole.replace(/^0+(?=\d)/, "").replace(/\B(?=(\d{3})+$)/g, ",");
  const negative = sign && /[1-9]/.test(whole + fraction);
  return (negative ? "−" : "") + grouped + (fraction ? `.${fraction}` : "");
}

/** Returns how much larger `now` is than `before`, in per mille as a BigInt; null where nothing can be said. */
export function growth(now, before) {
  const [one, two] = [NUMBER.exec(String(now)), NUMBER.exec(String(before))];
  if (!one || !two) return null;
  const places = Math.max((one[3] ?? "").length, (two[3] ?? "").length);
  const [a, b] = [one, two].map(([, sign, whole, rest = ""]) => BigInt(sign + whole + rest.padEnd(places, "0")));
  if (b <= 0n) return null;
  const twice = ((a - b) * 2000n) / b;
  return (twice + (twice < 0n ? -1n : 1n)) / 2n;
}

/** Writes per mille as percent: 123n is "12.3 %". */
export function percent(permille) {
  const text = String(permille < 0n ? -permille : permille).padStart(2, "0");
  return `${decimal(`${text.slice(0, -1)}.${text.slice(-1)}`)} %`;
}

/** Returns how many decimals a currency's amounts have. */
export function minorUnits(currency) {
  return currency ? format("currency", currency, () => currencyDigits(currency)) : 2;
}

/** Writes a cell. Types are those of a panel's columns. */
export function shown(type, raw, { currency = "", zone = "UTC", exact = false } = {}) {
  if (raw === null || raw === undefined || raw === "") return NOTHING;
  switch (type) {
    case "money":
      return decimal(raw, exact ? { least: minorUnits(currency) } : { places: minorUnits(currency) });
    case "integer":
      return decimal(raw);
    case "rate":
      return decimal(raw, exact ? {} : { places: 1 });
    case "seconds":
      return `${decimal(raw, exact ? {} : { places: 1 })} s`;
    case "ratio":
      return exact ? String(raw) : `${(Number(raw) * 100).toFixed(1)} %`;
    case "time":
      return moment(raw, zone);
    case "change":
      return movement(raw);
    default:
      return String(raw);
  }
}

/** Writes a time of day, with its date when that is not today. */
export function moment(iso, zone) {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return String(iso);
  const [day, today] = [dayOf(date, zone), dayOf(new Date(), zone)];
  return day === today ? clock(date, zone) : `${day} ${clock(date, zone)}`;
}

/** Writes hours and minutes, and seconds unless told otherwise. */
export function clock(date, zone, seconds = true) {
  const parts = { timeZone: zone, hour: "2-digit", minute: "2-digit", ...(seconds ? { second: "2-digit" } : {}) };
  return format("clock", `${zone} ${seconds}`, () => new Intl.DateTimeFormat("en-GB", parts)).format(date);
}

/** Writes the day as year, month, day. */
export function dayOf(date, zone) {
  const parts = { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" };
  return format("day", zone, () => new Intl.DateTimeFormat("sv-SE", parts)).format(date);
}

/** Writes a length of time that passes: "12 s", "4 min", "3 h". */
export function duration(seconds) {
  if (seconds < 100) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 6000) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

/** Writes a number on an axis: its ticks are round, so nothing is lost. */
export function tick(value) {
  const size = Math.abs(value);
  if (size >= 1e6) return `${decimal(Number((value / 1e6).toPrecision(6)))}M`;
  if (size >= 1e4) return `${decimal(Number((value / 1e3).toPrecision(6)))}k`;
  return decimal(Number(value.toPrecision(6)));
}

function movement(places) {
  const moved = Number(places);
  if (Number.isNaN(moved)) return String(places);
  if (moved === 0) return "=";
  return moved > 0 ? `▲ ${moved}` : `▼ ${-moved}`;
}

function rounded(digits, decimals, places) {
  const up = (decimals[places] ?? "0") >= "5" ? 1n : 0n;
  const units = BigInt(digits + decimals.slice(0, places).padEnd(places, "0")) + up;
  const text = String(units).padStart(places + 1, "0");
  return [text.slice(0, text.length - places), text.slice(text.length - places)];
}

function currencyDigits(currency) {
  try {
    return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;
  } catch {
    return 2;
  }
}

function format(kind, name, make) {
  const key = `${kind} ${name}`;
  if (!formats.has(key)) formats.set(key, make());
  return formats.get(key);
}
