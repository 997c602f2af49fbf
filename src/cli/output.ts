/** A command failed; the message says why, and what to do. */
export class CommandFailure extends Error {}

/** Prints a line for people or scripts. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/**
 * Prints what is for people, of a program whose output is a log: where that is not a terminal, it
 * goes to a file or to another program, which expects nothing but lines of JSON.
 */
export function printForPeople(text: string): void {
  const to = process.stdout.isTTY ? process.stdout : process.stderr;
  to.write(`${text}\n`);
}

/** Prints a line about an error. */
export function printError(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Untrusted text, with characters escaped that could move the cursor or fake a line. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, (it) => {
    const codePoint = it.codePointAt(0) ?? 0;
    return `\\u{${codePoint.toString(16)}}`;
  });
}

/** Prints an aligned table, numbers to the right, control characters escaped. */
export function printTable(rows: readonly Readonly<Record<string, string | number>>[]): void {
  const columns = Object.keys(rows[0] ?? {});
  const widths = columns.map((column) =>
    Math.max(column.length, ...rows.map((row) => visible(String(row[column])).length)),
  );
  const line = (cells: readonly (string | number)[]) =>
    cells
      .map((cell, index) => {
        const width = widths[index] ?? 0;
        return typeof cell === 'number'
          ? String(cell).padStart(width)
          : visible(cell).padEnd(width);
      })
      .join('  ')
      .trimEnd();
  print(line(columns));
  for (const row of rows) print(line(columns.map((column) => row[column] ?? '')));
}

/** A time in ISO 8601; nothing if there is none. */
export function timeText(ms: number | undefined): string {
  return ms === undefined ? '' : new Date(ms).toISOString();
}

const BAR_CHARACTERS = 30;

/** The progress bar of a long command; only shown on a terminal. */
export function progressBar(what: string): {
  update(done: number, total: number): void;
  end(): void;
} {
  const { stderr } = process;
  const isShown = stderr.isTTY;
  return {
    update: (done, total) => {
      if (!isShown || total === 0) return;
      const filled = Math.round((done / total) * BAR_CHARACTERS);
      const bar = '#'.repeat(filled).padEnd(BAR_CHARACTERS, '.');
      stderr.write(`\r${what} [${bar}] ${done} of ${total}`);
    },
    end: () => {
      if (isShown) stderr.write('\r\u001b[K');
    },
  };
}
