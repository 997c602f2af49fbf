/** Code blocks of the documents, so that tests run what people are told to run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Answer, send } from './http.ts';

const URL_IN_DOCUMENTS = 'http://127.0.0.1:8000';
const ROOT = join(import.meta.dirname, '../..');

/** A document, or what stands below one of its headings. */
export function documentText(path: string, heading?: string): string {
  const text = readFileSync(join(ROOT, path), 'utf8');
  if (heading === undefined) return text;
  const [, ...parts] = text.split(/^##+ /m);
  const part = parts.find((it) => it.startsWith(`${heading}\n`));
  if (part === undefined) throw new Error(`${path} has no heading "${heading}".`);
  return part;
}

/** The code blocks in a language, also those that are indented in a list. */
export function codeBlocks(markdown: string, language: string): string[] {
  const pattern = new RegExp(`^( *)\`\`\`${language}\\n(.*?)^\\1\`\`\``, 'gms');
  return [...markdown.matchAll(pattern)].map(([, indent = '', text = '']) =>
    text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
}

/** The lines of all shell blocks, without comments; a line that goes on counts as one. */
export function shellLines(markdown: string): string[] {
  return codeBlocks(markdown, 'sh')
    .flatMap((text) => text.replace(/\\\n\s*/g, '').split('\n'))
    .map((line) => line.replace(/ +# .*$/, '').trim())
    .filter((line) => line !== '');
}

/** Splits a command line like a shell would, at spaces outside single quotes. */
export function wordsOf(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
}

/**
 * Runs a curl command line of a document: -X, -H, -d, and POST if it has a body.
 * @param url of the server, in place of that in the document
 */
export function curl(command: string, url: string): Promise<Answer> {
  const [, ...args] = wordsOf(command);
  const headers: [string, string][] = [];
  let address = '';
  let method: string | undefined;
  let body: string | undefined;
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] as string;
    if (arg === '-H') headers.push((args[++index] ?? '').split(': ') as [string, string]);
    else if (arg === '-d') body = args[++index];
    else if (arg === '-X') method = args[++index];
    else address = arg.replace(URL_IN_DOCUMENTS, url);
  }
  return send(address, { method: method ?? (body === undefined ? 'GET' : 'POST'), headers, body });
}
