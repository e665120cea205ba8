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
  const lines = rows.map((row) => {
    const cells = columns.map(({ cell, number }, index) => {
      const value = number?.(row);
      if (index === 0) return html`<th scope="row">${cell(row)}</th>`;
      const sort = sortable && value !== undefined && html` data-v="${Number(value.toPrecision(6))}"`;
      return html`<td${number && html` class="n"`}${sort}>${cell(row)}</td>`;
    });
    return html`<tr${facet && html` data-k="${facet(row)}"`}>${cells}</tr>`;
  });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table${sortable && html` class="sortable"`}><caption>${caption}</caption><thead><tr>${heads}</tr></thead><tbody>${lines}</tbody></table></div>`;
}
