import { readFileSync } from 'node:fs';
import { CommandFailure } from './output.ts';

/**
 * The text of a CSV file.
 * @throws CommandFailure if it cannot be read, or is not UTF-8
 */
export function readCsvFile(path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    const isText = error instanceof TypeError;
    const why = isText
      ? 'it is not UTF-8 text. Save it as "CSV UTF-8", or convert it with iconv'
      : (error as Error).message;
    throw new CommandFailure(`${path} cannot be read: ${why}`);
  }
}
