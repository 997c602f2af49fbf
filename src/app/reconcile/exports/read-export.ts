/** Reads providers' exports of usage, and tells their format from what is in them. */
import { addAnthropicPage, addAnthropicRow, isAnthropic } from './anthropic.ts';
import { csvColumns, csvRows } from './csv.ts';
import { addOpenAiPage, addOpenAiRow, isOpenAi } from './openai.ts';
import { type ExportFamily, ExportFault, UsageExport } from './usage-export.ts';

type Fields = Readonly<Record<string, unknown>>;

/** One file. */
export interface ExportFile {
  readonly name: string;
  readonly text: string;
}

const EXPECTED =
  'It must be the JSON of /v1/organization/usage/completions of OpenAI or of ' +
  '/v1/organizations/usage_report/messages of Anthropic, a page or several, grouped by model; or ' +
  "the CSV file of usage that OpenAI's dashboard or Anthropic's Console exports.";

/**
 * Reads files of one provider, such as OpenAI's lists of completions and of embeddings.
 * @throws ExportFault naming the file
 */
export function readExport(files: readonly ExportFile[]): UsageExport {
  let all: UsageExport | undefined;
  for (const { name, text } of files) {
    try {
      const content = text.replace(/^\uFEFF/, '').trim();
      const read = /^[[{]/.test(content) ? pagesOf(content) : rowsOf(content);
      all ??= new UsageExport(read.family);
      if (all.family !== read.family) throw new ExportFault('It is from another provider.');
      read.addTo(all);
    } catch (error) {
      if (error instanceof ExportFault) throw new ExportFault(`${name}: ${error.message}`);
      throw error;
    }
  }
  if (!all) throw new ExportFault(EXPECTED);
  return all;
}

/** What a file is, and how its usage is added to an export. */
interface RecognizedFile {
  readonly family: ExportFamily;
  addTo(all: UsageExport): void;
}

function rowsOf(text: string): RecognizedFile {
  const columns = csvColumns(text);
  const family = familyOf((it) => it.columns(columns));
  const add = family === 'openai' ? addOpenAiRow : addAnthropicRow;
  return {
    family,
    addTo: (all) => {
      for (const row of csvRows(text)) add(row, all);
    },
  };
}

function pagesOf(text: string): RecognizedFile {
  const pages = jsonValues(text).flat() as unknown[];
  if (pages.length === 0 || !pages.every(isPage)) throw new ExportFault(EXPECTED);
  const family = familyOf((it) => pages.every((page) => it.page(page)));
  const add = family === 'openai' ? addOpenAiPage : addAnthropicPage;
  return {
    family,
    addTo: (all) => {
      for (const page of pages) add(page, all);
      if (pages.at(-1)?.has_more === true) all.isCutOff = true;
    },
  };
}

/** The values in a text, which may be several answers one after the other. */
function jsonValues(text: string): unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    // Within JSON, an object or a list never follows another one without a comma; within its
    // texts it might, but there are only ids and names of models.
    const joined = text.replace(/([}\]])\s*(?=[{[])/g, '$1,');
    try {
      return JSON.parse(`[${joined}]`) as unknown[];
    } catch (error) {
      throw new ExportFault(`It is not whole JSON: ${(error as Error).message}`);
    }
  }
}

function isPage(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null) return false;
  const { data } = value as Fields;
  return Array.isArray(data) && data.every((it) => isFields(it) && areResults(it.results ?? []));
}

function areResults(value: unknown): boolean {
  return Array.isArray(value) && value.every(isFields);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function familyOf(isOf: (family: typeof isOpenAi | typeof isAnthropic) => boolean): ExportFamily {
  if (isOf(isOpenAi)) return 'openai';
  if (isOf(isAnthropic)) return 'anthropic';
  throw new ExportFault(EXPECTED);
}
