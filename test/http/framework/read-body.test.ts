/** Long bodies are joined while they arrive, and do not hold the event loop together. */
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import type { FastifyRequest } from 'fastify';
import { readBody } from '../../../src/http/framework/read-body.ts';

const CHUNK_BYTES = 65_536;
const LIMIT = 8_388_608;

interface Read {
  readonly code: string | undefined;
  readonly body: Buffer;
}

function read(payload: Readable, declared?: number): Promise<Read> {
  const headers = declared === undefined ? {} : { 'content-length': String(declared) };
  const request = {
    headers,
    routeOptions: { bodyLimit: LIMIT, config: {} },
  } as unknown as FastifyRequest;
  return new Promise((resolve) => {
    readBody(request, payload as unknown as IncomingMessage, (error, body) => {
      resolve({ code: (error as { code?: string } | undefined)?.code, body });
    });
  });
}

function chunksOf(count: number): Buffer[] {
  return Array.from({ length: count }, (_, index) => Buffer.alloc(CHUNK_BYTES - index, index));
}

test('a body is the bytes that came, long or short, of declared length or not', async () => {
  for (const count of [0, 1, 2, 3, 20]) {
    const chunks = chunksOf(count);
    const bytes = Buffer.concat(chunks);
    for (const declared of [bytes.length, undefined]) {
      const { code, body } = await read(Readable.from(chunks), declared);
      assert.equal(code, undefined);
      assert.ok(body.equals(bytes), `${count} chunks`);
    }
  }
});

test('a body of another length than declared, or over the limit, is refused', async () => {
  const chunks = chunksOf(4);
  const bytes = Buffer.concat(chunks).length;
  for (const declared of [bytes - 1, bytes + 1, 5]) {
    const { code } = await read(Readable.from(chunks), declared);
    assert.equal(code, 'FST_ERR_CTP_INVALID_CONTENT_LENGTH');
  }
  const tooLarge = 'FST_ERR_CTP_BODY_TOO_LARGE';
  assert.equal((await read(Readable.from(chunks), LIMIT + 1)).code, tooLarge);
  assert.equal((await read(Readable.from(chunksOf(200)))).code, tooLarge);
});

test('a connection that breaks is an error', async () => {
  const payload = new Readable({ read: () => undefined });
  const reading = read(payload, 10 * CHUNK_BYTES);
  for (const chunk of chunksOf(5)) payload.push(chunk);
  payload.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }));
  assert.equal((await reading).code, 'ECONNRESET');
});

test('of many long bodies that are there at once, only so much is read in a turn', async () => {
  const perTurn: number[] = [0];
  const bodies = Array.from({ length: 12 }, () => {
    const chunks = chunksOf(16);
    return new Readable({
      highWaterMark: CHUNK_BYTES,
      read() {
        const chunk = chunks.shift();
        perTurn[perTurn.length - 1] = (perTurn.at(-1) as number) + (chunk?.length ?? 0);
        this.push(chunk ?? null);
      },
    });
  });
  let isOver = false;
  const countTurns = () => {
    perTurn.push(0);
    if (!isOver) setImmediate(countTurns);
  };
  setImmediate(countTurns);
  const declared = Buffer.concat(chunksOf(16)).length;
  const all = await Promise.all(bodies.map((payload) => read(payload, declared)));
  isOver = true;
  assert.ok(all.every(({ code, body }) => code === undefined && body.length === declared));
  // The first chunks of each, and those that streams read ahead, are beside the limit.
  const beside = 3 * bodies.length * CHUNK_BYTES;
  assert.ok(Math.max(...perTurn) <= 262_144 + beside, perTurn.join());
  assert.ok(perTurn.filter((bytes) => bytes > 0).length > 10, perTurn.join());
});
