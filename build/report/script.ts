import { AXES } from "./charts/facet.ts";

/**
 * The page's own script. A filter hides what carries another value on its axis, in tables and pictures; what carries none
 * stands for any. A head of the table of all cells sorts by its column.
 */
export const SCRIPT = `
const AXES = ${JSON.stringify(AXES)};
const form = document.getElementById("filters");
const facets = [...document.querySelectorAll("#facets [data-facet]")].map((each) => each.dataset.facet.split("|").map(decodeURIComponent));
const marked = [...document.querySelectorAll("[data-k]")].map((element) => ({ element, at: facets[element.dataset.k] }));
const rows = [...document.querySelectorAll("#cells tbody tr")];
function apply() {
  const chosen = AXES.map((axis) => {
    const boxes = [...form.querySelectorAll("input[name=" + axis + "]")];
    return boxes.length > 0 && new Set(boxes.filter((box) => box.checked).map((box) => box.value));
  });
  for (const { element, at } of marked) {
    const shown = at.every((value, axis) => value === "" || !chosen[axis] || chosen[axis].has(value));
    if (element.tagName === "TR") element.hidden = !shown;
    else element.classList.toggle("off", !shown);
  }
  document.getElementById("count").textContent = rows.filter((row) => !row.hidden).length + " of " + rows.length + " cells";
}
form.addEventListener("change", apply);
document.getElementById("reset").addEventListener("click", () => {
  for (const box of form.querySelectorAll("input")) box.checked = true;
  apply();
});
for (const button of document.querySelectorAll(".sortable th button")) {
  button.addEventListener("click", () => {
    const head = button.parentElement;
    const body = head.closest("table").tBodies[0];
    const column = head.cellIndex;
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const each of head.parentElement.cells) each.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const key = (row) => {
      const cell = row.cells[column];
      const value = Number(cell.dataset.v ?? cell.textContent);
      return Number.isNaN(value) ? undefined : value;
    };
    const order = (a, b) => {
      const x = key(a), y = key(b);
      if (x === undefined && y === undefined && !head.classList.contains("n")) return a.cells[column].textContent.localeCompare(b.cells[column].textContent) * (down ? -1 : 1);
      if (x === undefined || y === undefined) return (x === undefined) - (y === undefined);
      return (x - y) * (down ? -1 : 1);
    };
    body.append(...[...body.rows].sort(order));
  });
}
addEventListener("beforeprint", () => { for (const each of document.querySelectorAll("details")) each.open = true; });
apply();
`;
