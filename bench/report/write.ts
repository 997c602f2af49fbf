import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Report, reportAsMarkdown } from './report.ts';

/**
 * Writes a report as JSON and as Markdown.
 * @param about what was measured, if not everything
 * @returns the name of both files, without the extension
 */
export function writeReport(report: Report, folder: string, about?: string): string {
  const time = report.at.slice(0, 16).replace('T', '-').replace(':', '');
  const name = about ? `${time}-${about}` : time;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(join(folder, `${name}.md`), reportAsMarkdown(report));
  return name;
}
