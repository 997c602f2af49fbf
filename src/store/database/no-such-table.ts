/** Whether a database says that it has no such table (PostgreSQL's code is 42P01). */
export function isNoSuchTable(error: unknown): boolean {
  const { code, message } = error as { code?: string; message: string };
  return code === '42P01' || /no such table/.test(message);
}
