import { DatabaseFileGone } from './sqlite-file.ts';

/** SQLite's result codes for a file that cannot be used at present: busy, I/O error, full. */
const SQLITE_TRANSIENT = new Set([5, 10, 13]);
/** Errors of a socket or a pool when the server cannot be reached. */
const UNREACHABLE =
  /ECONNREFUSED|ECONNRESET|EPIPE|ENOENT|ENOTFOUND|ETIMEDOUT|Connection terminated|timeout exceeded/;
/** PostgreSQL's SQLSTATEs for lost connections, stopping, starting, too many clients, disk full. */
const SQLSTATE_TRANSIENT = /^(08...|57P0[123]|53[123]00)$/;

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
