/** Reads the files that settings come from. */
import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';

/** Variables of the process, by name. */
type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The text of a file, without the mark that editors on Windows put at its beginning.
 * @throws Error if it is not UTF-8, such as what `>` of Windows PowerShell writes
 */
export function textOfFile(path: string): string {
  const bytes = readFileSync(path);
  if (!isUtf8(bytes)) throw new Error('it is not UTF-8 text. Save it as UTF-8.');
  return bytes.toString('utf8').replace(/^\uFEFF/, '');
}

/**
 * The text of a file without the line break that editors put at its end.
 * @param name the setting that names the file
 * @throws Error if it cannot be read, or is empty
 */
export function textOfSecretFile(name: string, path: string): string {
  let text: string;
  try {
    text = textOfFile(path).replace(/\r?\n$/, '');
  } catch (error) {
    throw new Error(`${path} (${name}) cannot be read: ${(error as Error).message}`);
  }
  if (text !== '') return text;
  throw new Error(`${path} (${name}) is empty.`);
}

/**
 * Adds the variables that a text names, such as `"OPENAI_API_KEY"` in `chit.json`, where instead of
 * them `OPENAI_API_KEY_FILE` is set, which names a file.
 * @throws Error if such a file cannot be read or is empty
 */
export function withNamedFiles(environment: Variables, text: string): Variables {
  const found: Record<string, string> = {};
  for (const [fileName, path] of Object.entries(environment)) {
    const name = /^(\w+)_FILE$/.exec(fileName)?.[1];
    if (name === undefined || !path || environment[name] || !text.includes(`"${name}"`)) continue;
    found[name] = textOfSecretFile(fileName, path);
  }
  return { ...environment, ...found };
}
