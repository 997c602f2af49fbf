/** Who sends a picture pays by its size, so a file that lies about it has none. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { pictureSize } from '../../../src/models/input-measure/picture-size.ts';
import { frame, gif, jpeg, png, segment, webp } from './inputs.ts';

const SIZE = { width: 1_024, height: 768 };
const EXIF = segment(0xe1, Buffer.alloc(3_000, 0xff));

describe('the size of a picture is that which decoders find', () => {
  for (const [name, file] of [
    ['PNG', png(1_024, 768)],
    ['JPEG', jpeg(frame(1_024, 768))],
    ['progressive JPEG', jpeg(EXIF, segment(0xdb, Buffer.alloc(65)), frame(1_024, 768, 0xc2))],
    ['JPEG with arithmetic coding', jpeg(frame(1_024, 768, 0xc9))],
    ['GIF', gif([1_024, 768], [10, 10])],
    ['GIF with a frame larger than its screen', gif([1, 1], [1_024, 768])],
    ['WebP', webp('VP8 ', 1_024, 768)],
    ['lossless WebP', webp('VP8L', 1_024, 768)],
    ['WebP with more', webp('VP8X', 1_024, 768)],
  ] as const) {
    test(`in a ${name}`, () => assert.deepEqual(pictureSize(file), SIZE));
  }
});

describe('no size has', () => {
  for (const [name, file] of [
    ['a PNG of Apple, whose first chunk is another', Buffer.from(png(1, 1)).fill('CgBI', 12, 16)],
    ['a PNG of nothing', png(0, 5)],
    ['a JPEG with two frames', jpeg(frame(8, 8), frame(8_000, 8_000))],
    ['a JPEG with no frame', jpeg(EXIF)],
    ['a JPEG whose height follows later', jpeg(frame(100, 0))],
    ['a JPEG with something between its segments', jpeg(Buffer.from([0]), frame(8, 8))],
    ['a JPEG with fill bytes', jpeg(Buffer.from([0xff]), frame(8, 8))],
    ['a JPEG with an empty segment', jpeg(Buffer.from([0xff, 0xe0, 0, 0]), frame(8, 8))],
    ['a GIF without a frame', gif([9, 9], [9, 9]).fill(0x3b, 27, 28)],
    ['a WebP of an unknown kind', Buffer.from(webp('VP8X', 9, 9)).fill('VP8?', 12, 16)],
    ['a picture in HEIF', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1')],
    ['text', Buffer.from('It was a bright cold day in April')],
    ['nothing', Buffer.alloc(0)],
  ] as const) {
    test(name, () => assert.equal(pictureSize(file), undefined));
  }
});

test('a picture whose size comes later is incomplete', () => {
  assert.equal(pictureSize(jpeg(EXIF, frame(8, 8)).subarray(0, 1_024)), 'incomplete');
});

test('whatever the bytes are, an answer is found in a time that grows with their number', () => {
  const starts = [png(9, 9), jpeg(EXIF), gif([9, 9], [9, 9]), webp('VP8X', 9, 9)];
  fc.assert(
    fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 400 }), (start, bytes) => {
      const file = Buffer.concat([start.subarray(0, bytes.length % start.length), bytes]);
      const size = pictureSize(file);
      if (typeof size === 'object') assert.ok(size.width > 0 && size.height > 0);
    }),
    { numRuns: 1_000 },
  );
  for (const file of [
    Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.alloc(524_286, 'ffe00002', 'hex')]),
    Buffer.concat([Buffer.from('GIF89a.......!\xf9', 'latin1'), Buffer.alloc(524_000, 1)]),
  ]) {
    const before = process.cpuUsage();
    pictureSize(file);
    const { user } = process.cpuUsage(before);
    assert.ok(user < 500_000, `${user} µs`);
  }
});
