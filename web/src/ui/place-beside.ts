/** Where what floats beside an element is placed. */

/** A rectangle in the window, in CSS pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export type Size = Pick<Box, 'width' | 'height'>;

export interface Place {
  readonly left: number;
  readonly top: number;
  /** What is higher scrolls. */
  readonly maxHeight: number;
}

/** Between what floats and what it is about. */
const GAP = 4;
/** Between what floats and the edge of the window. */
const MARGIN = 8;

/**
 * A place below or above an element, on the wanted side unless only the other one has room for all
 * of it, and within the window.
 * @param size of what floats, as high as it likes to be
 * @param wanted `align`: which edges are in line; `side`: where it is if both sides have room
 */
export function placeBeside(
  anchor: Box,
  size: Size,
  view: Size,
  wanted: { readonly align: 'start' | 'end'; readonly side: 'below' | 'above' },
): Place {
  const room = {
    below: view.height - MARGIN - (anchor.top + anchor.height + GAP),
    above: anchor.top - GAP - MARGIN,
  };
  const other = wanted.side === 'below' ? 'above' : 'below';
  const side =
    size.height > room[wanted.side] && room[other] > room[wanted.side] ? other : wanted.side;
  const maxHeight = Math.max(0, room[side]);
  const height = Math.min(size.height, maxHeight);
  const start = anchor.left;
  const end = anchor.left + anchor.width - size.width;
  const rightmost = Math.max(MARGIN, view.width - MARGIN - size.width);
  return {
    left: Math.min(Math.max(MARGIN, wanted.align === 'start' ? start : end), rightmost),
    top: side === 'below' ? anchor.top + anchor.height + GAP : anchor.top - GAP - height,
    maxHeight,
  };
}
