/** A piece of a page that is HTML already. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Piece = Html | string | number | false | undefined | readonly Piece[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function written(piece: Piece): string {
  if (piece === undefined || piece === false) return "";
  if (piece instanceof Html) return piece.text;
  if (typeof piece === "object") return piece.map(written).join("");
  return String(piece).replace(/[&<>"']/g, (sign) => ENTITIES[sign] as string);
}

/** HTML of a template: what is put into it is a text, unless it is HTML itself. */
export const html = (texts: TemplateStringsArray, ...pieces: readonly Piece[]): Html =>
  new Html(texts.map((text, index) => `${text}${written(pieces[index])}`).join(""));

export interface Column<T> {
  readonly head: string;
  readonly cell: (row: T) => Piece;
  /** What it is sorted by, where that is a number: the column stands to the right. */
  readonly number?: (row: T) => number | undefined;
}

export interface TableOptions<T> {
  readonly caption: string;
  /** What the filters of the page know a row by. */
  readonly facet?: (row: T) => string;
  readonly sortable?: boolean;
}

/** What a cell is sorted by, where its text is another number or none. */
function sortKey(value: number | undefined, text: string): Html | undefined {
  if (value === undefined || (text !== "" && !Number.isNaN(Number(text)))) return undefined;
  return html` data-v="${Number(value.toPrecision(6))}"`;
}

/** A table; the first column is the head of its row. */
export function dataTable<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  options: TableOptions<T>,
): Html {
  const { caption, facet, sortable } = options;
  const heads = columns.map(({ head, number }) =>
    sortable
      ? html`<th scope="col"${number && html` class="n"`}><button type="button">${head}</button></th>`
      : html`<th scope="col"${number && html` class="n"`}>${head}</th>`,
  );
  // A page has thousands of cells: where all but the heads of rows are numbers, that is said once.
  const isNumbers = columns.every(({ number }, index) => index === 0 || number);
  const kinds = [sortable && "sortable", isNumbers && "numbers"].filter(Boolean).join(" ");
  const lines = rows.map((row) => {
    const cells = columns.map(({ cell, number }, index) => {
      const text = html`${cell(row)}`;
      if (index === 0) return html`<th scope="row">${text}</th>`;
      const key = sortable ? sortKey(number?.(row), text.text) : undefined;
      return html`<td${number && !isNumbers && html` class="n"`}${key}>${text}</td>`;
    });
    return html`<tr${facet && html` data-k="${facet(row)}"`}>${cells}</tr>`;
  });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table class="${kinds}"><caption>${caption}</caption><thead><tr>${heads}</tr></thead><tbody>${lines}</tbody></table></div>`;
}
