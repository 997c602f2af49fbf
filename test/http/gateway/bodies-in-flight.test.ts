/** Who gives way when the room for bodies is taken. */
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { Socket } from 'node:net';
import { test } from 'node:test';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ChitError } from '../../../src/core/errors.ts';
import { BodyPace } from '../../../src/http/framework/body-pace.ts';
import { BodiesInFlight } from '../../../src/http/gateway/bodies-in-flight.ts';

const LIMIT = 1_000_000;
const MINUTE_MS = 60_000;

/** Eight bodies fill the room. */
class Room {
  nowMs = 0;
  readonly cut: number[] = [];
  readonly #bodies = new BodiesInFlight(LIMIT, () => this.nowMs);

  /** @returns what ends its arrival */
  begin(accountId: number): () => void {
    const socket = new Socket();
    const request = {
      headers: { 'content-length': String(LIMIT) },
      raw: { socket },
      user: { id: accountId },
      bodyIsGone: null,
    } as unknown as FastifyRequest;
    this.#bodies.count(request, { raw: new EventEmitter() } as unknown as FastifyReply);
    const pace = new BodyPace(socket, {
      timeoutMs: 3_600_000,
      bytes: () => 0,
      cutOff: () => this.cut.push(accountId),
    });
    return () => pace.end();
  }

  isBusy(accountId: number): boolean {
    try {
      this.begin(accountId);
      return false;
    } catch (error) {
      assert.ok(error instanceof ChitError && error.code === 'server_busy');
      return true;
    }
  }
}

test('bodies that have been arriving for a minute give way to new ones, and no others', () => {
  const room = new Room();
  const arrived = room.begin(1);
  for (let account = 2; account <= 4; account += 1) room.begin(account);
  room.nowMs = MINUTE_MS / 2;
  for (let account = 5; account <= 8; account += 1) room.begin(account);
  assert.ok(room.isBusy(9), 'nobody has been there for long');
  // What has arrived is being answered.
  arrived();
  room.nowMs = MINUTE_MS;
  assert.ok(!room.isBusy(9));
  assert.deepEqual(room.cut, [2], 'the oldest, and no more than is needed');
  assert.ok(!room.isBusy(10));
  assert.ok(!room.isBusy(11));
  assert.ok(room.isBusy(12));
  assert.deepEqual(room.cut, [2, 3, 4]);
  room.nowMs = 2 * MINUTE_MS;
  assert.ok(!room.isBusy(12));
  assert.deepEqual(room.cut, [2, 3, 4, 5]);
});
