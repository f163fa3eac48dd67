// Keeps up with the server: one stream of events, opened again for as long as it takes.

const PATIENCE = 5000;
/** After so long without a word it is asked whether the server is still there: a connection can die without an error. */
const SILENCE = 20000;

/**
 * Follows `v1/stream`. `on` maps events (`panel`, `pipeline`, `server`) to what takes their data; `state(name, since, why)`
 * hears `connecting`, `live` or `lost`, and since when.
 */
export function follow(on, state) {
  let source = null;
  let since = null;
  let heard = Date.now();
  let again = null;

  function open() {
    clearTimeout(again);
    source?.close();
    source = new EventSource("v1/stream");
    source.onopen = alive;
    source.onerror = lost;
    for (const [name, take] of Object.entries(on)) {
      source.addEventListener(name, ({ data }) => {
        alive();
        take(JSON.parse(data));
      });
    }
  }

  function alive() {
    heard = Date.now();
    since = null;
    state("live", null, "");
  }

  async function lost() {
    since ??= new Date();
    state("lost", since, "");
    if (source.readyState !== EventSource.CLOSED) return;
    // The browser gives up after an answer that is no stream; what it was is known only by asking.
    const why = await refusal();
    if (since) state("lost", since, why);
    clearTimeout(again);
    again = setTimeout(open, PATIENCE);
  }

  async function look() {
    if (since || Date.now() - heard < SILENCE) return;
    if (await reachable()) heard = Date.now();
    else {
      since ??= new Date();
      state("lost", since, "");
      open();
    }
  }

  state("connecting", null, "");
  open();
  setInterval(look, SILENCE / 2);
  addEventListener("online", open);
}

async function reachable() {
  try {
    return (await fetch("health/live", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) })).ok;
  } catch {
    return false;
  }
}

async function refusal() {
  const stop = new AbortController();
  setTimeout(() => stop.abort(), PATIENCE);
  try {
    const answer = await fetch("v1/stream", { cache: "no-store", signal: stop.signal });
    if (answer.status === 401) location.assign("login");
    return answer.ok ? "" : ((await answer.json()).detail ?? `the server answers ${answer.status}`);
  } catch {
    return "";
  } finally {
    stop.abort();
  }
}
