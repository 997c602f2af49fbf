/** Between two lines where a line cannot be rewritten: a log should not be filled. */
const LINE_EVERY_MS = 10_000;

/** Says what is going on, on stderr: a line that is rewritten on a terminal, else one at times. */
export class Progress {
  readonly #startedMs = performance.now();
  #lastLineMs = Number.NEGATIVE_INFINITY;

  show(text: string): void {
    const nowMs = performance.now();
    const line = `${String(Math.round((nowMs - this.#startedMs) / 1000)).padStart(3)} s  ${text}`;
    if (process.stderr.isTTY) {
      process.stderr.write(`\r\x1b[K${line.slice(0, (process.stderr.columns || 80) - 1)}`);
    } else if (nowMs - this.#lastLineMs >= LINE_EVERY_MS) {
      this.#lastLineMs = nowMs;
      process.stderr.write(`${line}\n`);
    }
  }

  /** Clears the line. */
  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  }
}
