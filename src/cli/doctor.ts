import { Command } from 'commander';
import { examine } from '../app/operations/doctor/examine.ts';
import { examinedBy } from '../compose/examined.ts';
import { ConfigError, loadConfig } from '../config.ts';
import { CHECKS, type Finding, finding, hasFault } from '../core/doctor.ts';
import { FINDING_TEXTS, type FindingText, type Formats } from './doctor-texts.ts';
import { CommandFailure, print, visible } from './output.ts';

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Check this installation, and say what to do; exit code 1 if something is broken')
    .option('--json', 'one JSON object per finding, for scripts')
    .option('--offline', 'ask neither providers nor the public address')
    .action(doctor);
}

interface Options {
  readonly json?: boolean;
  readonly offline?: boolean;
}

async function doctor({ json, offline }: Options): Promise<void> {
  const found = await findings(offline !== true);
  if (json) for (const it of found) print(JSON.stringify(asJson(it)));
  else printFindings(found);
  if (!hasFault(found)) return;
  const count = found.filter(({ severity }) => severity === 'fault').length;
  throw new CommandFailure(count === 1 ? 'There is one fault.' : `There are ${count} faults.`);
}

/** With settings that are invalid there is nothing to examine but them. */
async function findings(mayAsk: boolean): Promise<Finding[]> {
  try {
    const subject = await examinedBy(loadConfig().config);
    return await examine(subject, { nowMs: Date.now(), mayAsk });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split('\n').map((reason) => finding('setting_invalid', { reason }));
  }
}

/** The sentences of a finding. */
export function textOf({ code, params }: Finding): FindingText {
  const text = FINDING_TEXTS[code] as (of: Finding['params'], formats: Formats) => FindingText;
  return text(params, FORMATS);
}

function printFindings(found: readonly Finding[]): void {
  for (const check of CHECKS) {
    const its = found.filter((it) => it.check === check);
    if (its.length === 0) continue;
    print(check.replace('_', ' '));
    for (const it of its) {
      const [what, todo] = textOf(it);
      print(`  ${it.severity.padEnd(7)}  ${visible(what)}`);
      if (todo !== undefined) print(`${' '.repeat(11)}${visible(todo)}`);
    }
  }
}

function asJson(found: Finding): object {
  const [text, todo] = textOf(found);
  return { ...found, text, todo: todo ?? null };
}

const FORMATS: Formats = {
  bytes: (count) => {
    const [unit, size] = count < 1e9 ? ['MB', 1e6] : ['GB', 1e9];
    return `${Math.round((count / (size as number)) * 10) / 10} ${unit}`;
  },
  time: (iso) => `${iso.slice(0, 16).replace('T', ' ')} UTC`,
  number: (count) => String(count),
};
