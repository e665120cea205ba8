export interface Extent {
  readonly width: number;
  readonly height: number;
}

/** A part of a picture, which may reach beyond its edges. */
export interface Window extends Extent {
  readonly left: number;
  readonly top: number;
}

/** A picture without compression: rows from the top, red, green and blue of each pixel as bytes. */
export interface Pixels extends Extent {
  readonly data: Uint8Array;
}

/** A black picture. */
export function blank({ width, height }: Extent): Pixels {
  return { width, height, data: new Uint8Array(width * height * 3) };
}
