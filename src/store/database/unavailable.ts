/** SQLite's result codes for a file that cannot be read or written just now: busy, full, I/O. */
const SQLITE_PASSING = new Set([5, 10, 13]);
/** What a socket or a pool says when the server cannot be reached, or is gone. */
const UNREACHABLE =
  /ECONNREFUSED|ECONNRESET|EPIPE|ENOENT|ENOTFOUND|ETIMEDOUT|Connection terminated|timeout exceeded/;
/** PostgreSQL's SQLSTATEs for the same: connection lost, stopping, starting, too many clients. */
const SQLSTATE_PASSING = /^(08...|57P0[123]|53[123]00)$/;

/**
 * Whether an error says that the database is away or full, which may be over soon, and nothing of
 * the query that met it.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  const {
    errcode,
    code = '',
    message = '',
  } = error as {
    errcode?: number;
    code?: string;
    message?: string;
  };
  // The low byte is the code, what is above it says more of it.
  if (errcode !== undefined) return SQLITE_PASSING.has(errcode & 0xff);
  return SQLSTATE_PASSING.test(code) || UNREACHABLE.test(`${code} ${message}`);
}
