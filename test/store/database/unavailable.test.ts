import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDatabaseUnavailable } from '../../../src/store/database/unavailable.ts';

test('a database that is unreachable, stopping, starting, busy or full is unavailable', () => {
  for (const error of [
    { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:5432' },
    { message: 'Connection terminated unexpectedly' },
    { message: 'timeout exceeded when trying to connect' },
    { code: '57P01', message: 'terminating connection due to administrator command' },
    { code: '57P03', message: 'the database system is starting up' },
    { code: '08006', message: 'connection failure' },
    { code: '53100', message: 'disk full' },
    { code: 'ERR_SQLITE_ERROR', errcode: 5, message: 'database is locked' },
    { code: 'ERR_SQLITE_ERROR', errcode: 13, message: 'database or disk is full' },
    { code: 'ERR_SQLITE_ERROR', errcode: 778, message: 'disk I/O error' },
  ]) {
    assert.ok(isDatabaseUnavailable(error), error.message);
  }
});

test('a wrong query does not make the database unavailable', () => {
  for (const error of [
    { code: '42P01', message: 'relation "x" does not exist' },
    { code: '23514', message: 'violates check constraint' },
    { code: 'ERR_SQLITE_ERROR', errcode: 1, message: 'no such table: x' },
    { code: 'ERR_SQLITE_ERROR', errcode: 1555, message: 'UNIQUE constraint failed' },
    new TypeError('x is not a function'),
  ]) {
    assert.ok(!isDatabaseUnavailable(error), error.message);
  }
});
