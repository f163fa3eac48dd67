// The light: whether the numbers of different streams agree, as far as they have been compared.
import { setText } from "./dom.js";
import { columnIndex } from "./shape.js";

export const PANEL = "integrity";

/** What the light says of the panel of comparisons. */
export function lightOf(info, panel) {
  if (panel?.state !== "live") return { state: "unknown", text: "Not compared now" };
  const at = columnIndex(info, "state");
  const wrong = panel.rows.filter((row) => row[at] !== "yes").length;
  if (wrong === 0) return { state: "good", text: "Numbers agree" };
  return { state: "bad", text: wrong === 1 ? "1 number disagrees" : `${wrong} numbers disagree` };
}

/** Makes the light; `take(info, panel)` shows what has changed, `show()` is called when somebody wants to know more. */
export function light(element, text, show) {
  element.addEventListener("click", show);
  return (info, panel) => {
    const said = lightOf(info, panel);
    element.hidden = false;
    element.parentElement.dataset.state = said.state;
    setText(text, said.text);
  };
}
