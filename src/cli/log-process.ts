/** What Node itself would print, as lines of the log. */

/** Where it goes. */
interface Log {
  warn(details: object, message: string): void;
  fatal(details: object, message: string): void;
}

/**
 * Logs warnings of Node, such as deprecations, and the error that ends the process: one that nobody
 * has caught, or a promise whose rejection nobody handles.
 * @returns undoes it
 */
export function logProcess(log: Log): () => void {
  const printing = process.listeners('warning');
  const onWarning = (err: Error & { readonly code?: string }) =>
    log.warn({ err, code: err.code }, 'a warning of Node');
  const onUncaught = (err: unknown, origin: string) => {
    log.fatal(
      { err: err instanceof Error ? err : new Error(String(err)), origin },
      'a bug ends the process',
    );
    process.exit(1);
  };
  process.removeAllListeners('warning');
  process.on('warning', onWarning);
  process.on('uncaughtException', onUncaught);
  return () => {
    process.off('uncaughtException', onUncaught);
    process.off('warning', onWarning);
    for (const it of printing) process.on('warning', it);
  };
}
