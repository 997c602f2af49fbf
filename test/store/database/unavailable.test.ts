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
    { message: 'Client has encountered a connection error and is not queryable' },
    { message: 'Client was closed and is not queryable' },
    { message: 'Connection terminated due to connection timeout' },
    { message: 'timeout expired' },
    { message: 'Postgres connection has been discarded' },
    { message: 'Cannot use a pool after calling end on the pool' },
    { code: 'EHOSTUNREACH', message: 'connect EHOSTUNREACH 10.0.0.1:5432' },
    { code: 'EAI_AGAIN', message: 'getaddrinfo EAI_AGAIN db' },
    { code: 'ETIMEDOUT', message: 'The database did not answer in time.' },
    { code: '55P03', message: 'canceling statement due to lock timeout' },
    { code: '57014', message: 'canceling statement due to statement timeout' },
    { code: '40P01', message: 'deadlock detected' },
    { code: '25006', message: 'cannot execute UPDATE in a read-only transaction' },
    { code: '28P01', message: 'password authentication failed for user "chit"' },
    { code: '53200', message: 'out of memory' },
    { code: '58030', message: 'could not write to file' },
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
