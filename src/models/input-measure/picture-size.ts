/**
 * The size of a picture, from the beginning of its file. Whoever sends it pays by its size, so a
 * file that is not exactly as its format demands has no size here: the package `image-size` goes on
 * searching in such a file, and finds what decoders do not.
 */

/** In pixels, each at least 1. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

const PNG_START = Buffer.from('\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR', 'latin1');
const EXTENSION = 0x21;
const IMAGE_DESCRIPTOR = 0x2c;
const START_OF_SCAN = 0xda;
/** DHT, JPG and DAC lie among the markers of frames, but are none. */
const NO_FRAMES: ReadonlySet<number> = new Set([0xc4, 0xc8, 0xcc]);

/** The size of a picture; `incomplete` if more of the file is needed; undefined if not known. */
export function pictureSize(head: Buffer): PictureSize | 'incomplete' | undefined {
  if (head.length < 16) return undefined;
  try {
    return sizeFrom(head);
  } catch (error) {
    if (error instanceof RangeError) return 'incomplete';
    throw error;
  }
}

/** @throws RangeError if the beginning is too short */
function sizeFrom(head: Buffer): PictureSize | undefined {
  if (head.subarray(0, PNG_START.length).equals(PNG_START)) {
    return sized(head.readUInt32BE(16), head.readUInt32BE(20));
  }
  if (head.readUInt16BE(0) === 0xffd8) return jpegSize(head);
  const start = head.toString('latin1', 0, 16);
  if (start.startsWith('GIF8')) return gifSize(head);
  if (start.startsWith('RIFF') && start.startsWith('WEBPVP8', 8)) return webpSize(head);
  return undefined;
}

/** ITU-T T.81, B.1 and B.2: one frame header before the first scan. */
function jpegSize(head: Buffer): PictureSize | undefined {
  let size: PictureSize | undefined;
  for (let at = 2; ; ) {
    if (head.readUInt8(at) !== 0xff) return undefined;
    const marker = head.readUInt8(at + 1);
    if (marker === START_OF_SCAN) return size;
    // Fill bytes, and markers that cannot stand here.
    if (marker < 0xc0 || marker === 0xff || (marker >= 0xd0 && marker <= 0xd9)) return undefined;
    const length = head.readUInt16BE(at + 2);
    if (length < 2) return undefined;
    if (marker <= 0xcf && !NO_FRAMES.has(marker)) {
      if (size) return undefined;
      size = sized(head.readUInt16BE(at + 7), head.readUInt16BE(at + 5));
      if (!size) return undefined;
    }
    at += 2 + length;
  }
}

/** GIF89a, 17 to 20: a decoder enlarges the screen for a frame that does not fit. */
function gifSize(head: Buffer): PictureSize | undefined {
  const flags = head.readUInt8(10);
  const hasColors = (flags & 0x80) !== 0;
  let at = 13 + (hasColors ? 3 * 2 ** ((flags & 7) + 1) : 0);
  while (head.readUInt8(at) === EXTENSION) {
    at += 2;
    while (head.readUInt8(at) !== 0) at += 1 + head.readUInt8(at);
    at += 1;
  }
  if (head.readUInt8(at) !== IMAGE_DESCRIPTOR) return undefined;
  return sized(
    Math.max(head.readUInt16LE(6), head.readUInt16LE(at + 1) + head.readUInt16LE(at + 5)),
    Math.max(head.readUInt16LE(8), head.readUInt16LE(at + 3) + head.readUInt16LE(at + 7)),
  );
}

/** RFC 9649, 2.5 to 2.7. */
function webpSize(head: Buffer): PictureSize | undefined {
  switch (head.toString('latin1', 12, 16)) {
    case 'VP8X':
      return sized(head.readUIntLE(24, 3) + 1, head.readUIntLE(27, 3) + 1);
    case 'VP8L': {
      if (head.readUInt8(20) !== 0x2f) return undefined;
      const bits = head.readUInt32LE(21);
      return sized((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
    }
    case 'VP8 ':
      if (head.readUIntBE(23, 3) !== 0x9d012a) return undefined;
      return sized(head.readUInt16LE(26) & 0x3fff, head.readUInt16LE(28) & 0x3fff);
    default:
      return undefined;
  }
}

function sized(width: number, height: number): PictureSize | undefined {
  return width > 0 && height > 0 ? { width, height } : undefined;
}
