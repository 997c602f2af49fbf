/** A command could not do what it was asked; the message says why and what to do. */
export class CommandFailure extends Error {}

/** Prints a line for people or scripts. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Prints a line about what went wrong. */
export function printError(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Text that somebody else chose, with what could move the cursor or fake a line made visible. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, (it) => {
    const codePoint = it.codePointAt(0) ?? 0;
    return `\\u{${codePoint.toString(16)}}`;
  });
}

/** Prints rows as a table with aligned columns; numbers to the right, control characters shown. */
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

const BAR_CHARACTERS = 30;

/** A bar that shows how far a long command has come; on a terminal only. */
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
