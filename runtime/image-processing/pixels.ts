export interface Extent {
  readonly width: number;
  readonly height: number;
}

/** A part of a picture; may extend beyond its edges. */
export interface Window extends Extent {
  readonly left: number;
  readonly top: number;
}

/** A decoded picture: rows from the top, three bytes (red, green, blue) per pixel. */
export interface Pixels extends Extent {
  readonly data: Uint8Array;
}

export function blank({ width, height }: Extent): Pixels {
  return { width, height, data: new Uint8Array(width * height * 3) };
}
