import { DatabaseFileGone } from './sqlite-file.ts';

/** SQLite's result codes for a file that cannot be used at present: busy, I/O error, full. */
const SQLITE_TRANSIENT = new Set([5, 10, 13]);
/**
 * Errors of a socket, of a pool and of the driver when the server cannot be reached, or the
 * connection broke, was given up or cannot be encrypted: Node's and the system's codes, and
 * messages without a code.
 */
const UNREACHABLE = new RegExp(
  [
    'E(CONN(REFUSED|RESET|ABORTED)|PIPE|NOENT|NOTFOUND|TIMEDOUT|(HOST|NET)(UNREACH|DOWN)|AI_AGAIN)',
    'Connection terminated',
    'SSL connection',
    'ERR_(TLS|SSL)|CERT_|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)',
    'timeout e(xceeded|xpired)',
    'is not queryable',
    'connection has been discarded',
    'pool after calling end',
  ].join('|'),
);
/**
 * PostgreSQL's SQLSTATEs that do not come from the query itself (its documentation, appendix A):
 * class 08 connection, 25006 a standby that only reads, 25P03 and 25P04 timeouts of a transaction,
 * 28 log-in refused, 3D000 no such database, class 40 to be repeated, 53 out of connections, memory
 * or disk, 55P03 lock timeout, 57 cancelled by a limit or an operator, stopping or starting, 58
 * errors of the system.
 */
const SQLSTATE_TRANSIENT =
  /^(08...|25006|25P0[34]|28...|3D000|40001|40P01|53...|55P03|57014|57P0.|58...)$/;

/** Whether PostgreSQL ended a query by a limit on its time: SQLSTATE `query_canceled`. */
export function isQueryCanceled(error: unknown): boolean {
  return (error as { code?: string }).code === '57014';
}

/**
 * Whether an error means that the database is unreachable, gone, busy or full, rather than that the
 * query is wrong.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (error instanceof DatabaseFileGone) return true;
  const {
    errcode,
    code = '',
    message = '',
  } = error as {
    errcode?: number;
    code?: string;
    message?: string;
  };
  // The low byte is the primary result code.
  if (errcode !== undefined) return SQLITE_TRANSIENT.has(errcode & 0xff);
  return SQLSTATE_TRANSIENT.test(code) || UNREACHABLE.test(`${code} ${message}`);
}
