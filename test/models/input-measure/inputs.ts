/** Bodies as the server parses them, models, and pictures of a size. */
import assert from 'node:assert/strict';
import type { ProviderKind } from '../../../src/core/deployment.ts';
import { boundedJson } from '../../../src/core/json-bytes.ts';
import {
  measureRequest,
  type RequestMeasure,
} from '../../../src/models/input-measure/measure-request.ts';
import type { MeasuredModel } from '../../../src/models/input-measure/measured-model.ts';
import { RequestBody } from '../../../src/models/request-body/request-body.ts';

/** A body as it is when a request has been read. */
export function bodyOf(value: object): RequestBody {
  const json = Buffer.from(JSON.stringify(value));
  const bounded = boundedJson(json, { shortensFiles: true });
  assert.ok(typeof bounded !== 'string', String(bounded));
  const parsed = JSON.parse(bounded.json.toString('utf8'));
  return new RequestBody(json, parsed, { longStrings: bounded.longStrings });
}

export function measured(
  family: 'openai' | 'anthropic',
  value: object,
  options?: { readonly unseen?: string },
): RequestMeasure {
  return measureRequest(family, bodyOf(value), options);
}

/** A model of a kind of provider. */
export function modelOf(
  kind: ProviderKind,
  upstreamModel: string,
  contextTokens?: number,
): MeasuredModel {
  return { kind, upstreamModel, contextTokens };
}

/** The beginning of a PNG file, and as many bytes behind it. */
export function png(width: number, height: number, bytes = 100): Buffer {
  const header = Buffer.alloc(25);
  header.writeUInt32BE(13, 0);
  header.write('IHDR', 4, 'latin1');
  header.writeUInt32BE(width, 8);
  header.writeUInt32BE(height, 12);
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([signature, header, Buffer.alloc(bytes, 7)]);
}

/** A segment of a JPEG file. */
export function segment(marker: number, data: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([head, data]);
}

/** The header of a frame in a JPEG file. */
export function frame(width: number, height: number, marker = 0xc0): Buffer {
  const data = Buffer.alloc(15, 1);
  data.writeUInt16BE(height, 1);
  data.writeUInt16BE(width, 3);
  return segment(marker, data);
}

/** A JPEG file of these segments, up to its first scan. */
export function jpeg(...segments: readonly Buffer[]): Buffer {
  const scan = segment(0xda, Buffer.alloc(10));
  return Buffer.concat([Buffer.from([0xff, 0xd8]), ...segments, scan, Buffer.alloc(100, 7)]);
}

/** A GIF file whose screen and first frame have these sizes. */
export function gif(screen: readonly [number, number], first: readonly [number, number]): Buffer {
  const head = Buffer.alloc(13);
  head.write('GIF89a', 'latin1');
  head.writeUInt16LE(screen[0], 6);
  head.writeUInt16LE(screen[1], 8);
  head[10] = 0x80;
  const colors = Buffer.alloc(6);
  const extension = Buffer.from([0x21, 0xf9, 4, 0, 0, 0, 0, 0]);
  const descriptor = Buffer.alloc(10);
  descriptor[0] = 0x2c;
  descriptor.writeUInt16LE(first[0], 5);
  descriptor.writeUInt16LE(first[1], 7);
  return Buffer.concat([head, colors, extension, descriptor, Buffer.alloc(50)]);
}

/** A WebP file with one of its three kinds of first chunks. */
export function webp(kind: 'VP8 ' | 'VP8L' | 'VP8X', width: number, height: number): Buffer {
  const file = Buffer.alloc(60);
  file.write('RIFF....WEBP', 'latin1');
  file.write(kind, 12, 'latin1');
  if (kind === 'VP8X') {
    file.writeUIntLE(width - 1, 24, 3);
    file.writeUIntLE(height - 1, 27, 3);
  } else if (kind === 'VP8L') {
    file[20] = 0x2f;
    file.writeUInt32LE((width - 1) | ((height - 1) << 14), 21);
  } else {
    file.writeUIntBE(0x9d012a, 23, 3);
    file.writeUInt16LE(width, 26);
    file.writeUInt16LE(height, 28);
  }
  return file;
}

export function base64(file: Buffer, type: string): string {
  return `data:${type};base64,${file.toString('base64')}`;
}
