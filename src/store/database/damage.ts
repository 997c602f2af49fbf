/** SQLITE_CORRUPT and SQLITE_NOTADB, https://sqlite.org/rescode.html */
const DAMAGED = new Set([11, 26]);

/** Whether SQLite found that its file is damaged. The low byte is the primary result code. */
export function isDamage(error: unknown): boolean {
  return DAMAGED.has(((error as { errcode?: number }).errcode ?? 0) & 0xff);
}
