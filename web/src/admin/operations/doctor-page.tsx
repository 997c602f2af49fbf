import { useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { number, time } from '../../strings/strings.ts';
import type { DoctorReport, FindingCode } from '../types.ts';
import { PageHeading } from '../ui/page-heading.tsx';
import { Failure, type LoadFailure, loadFailureOf } from '../ui/resource.tsx';
import { Headings, TableFrame } from '../ui/tables.tsx';
import type { FindingText, Formats } from '../words/en/doctor.ts';
import type { Words } from '../words/en.ts';
import { words } from '../words/words.ts';

type Finding = DoctorReport['findings'][number];

const FORMATS: Formats = {
  bytes: (count) =>
    count < 1e9 ? `${number(Math.round(count / 1e6))} MB` : `${number(Math.round(count / 1e9))} GB`,
  time,
  number,
};

/** Checks the installation when it is asked to. */
export function DoctorPage() {
  const [report, setReport] = useState<DoctorReport>();
  const [failure, setFailure] = useState<LoadFailure>();
  const [isRunning, setRunning] = useState(false);
  const run = async () => {
    setRunning(true);
    setFailure(undefined);
    try {
      setReport(await call<DoctorReport>('POST', '/api/admin/doctor/'));
    } catch (error) {
      setFailure(loadFailureOf(error));
    } finally {
      setRunning(false);
    }
  };
  const { doctorRun, doctorRunning } = words.value;
  return (
    <>
      <header class="page-head">
        <PageHeading title={words.value.doctor} />
        <button type="button" class="primary" disabled={isRunning} onClick={() => void run()}>
          {isRunning ? doctorRunning : doctorRun}
        </button>
      </header>
      {failure && <Failure failure={failure} onRetry={() => void run()} />}
      <div class={isRunning ? 'loaded dim' : 'loaded'} aria-busy={isRunning}>
        {report && <Report report={report} />}
      </div>
      <p class="hint">{words.value.doctorText}</p>
    </>
  );
}

function Report({ report: { findings } }: { report: DoctorReport }) {
  const toMend = findings.filter(({ severity }) => severity === 'fault' || severity === 'warning');
  const { doctorCheck, doctorSeverity, doctorFound } = words.value;
  const worstFirst = findings.toSorted((a, b) => rankOf(a) - rankOf(b));
  return (
    <>
      <p role="status" class="before-table">
        {words.value.doctorDone(toMend.length)}
      </p>
      <TableFrame name={words.value.doctor}>
        <table class="data stacks">
          <thead>
            <tr>
              <Headings names={[doctorCheck, doctorSeverity, doctorFound]} />
            </tr>
          </thead>
          <tbody>
            {worstFirst.map((it, index) => (
              <Row key={`${it.code} ${index}`} finding={it} />
            ))}
          </tbody>
        </table>
      </TableFrame>
    </>
  );
}

const SEVERITIES = ['fault', 'warning', 'note', 'ok'] as const;
const SEVERITY_CLASSES: Partial<Record<Finding['severity'], string>> = {
  fault: 'fault',
  warning: 'warned',
};

function rankOf({ severity }: Finding): number {
  return SEVERITIES.indexOf(severity);
}

function Row({ finding }: { finding: Finding }) {
  const { check, severity } = finding;
  const { doctorChecks, doctorSeverity, doctorFound, severities } = words.value;
  const [what, todo] = textOf(finding);
  return (
    <tr class={severity === 'fault' ? 'faulty' : undefined}>
      <td class="wide">{doctorChecks[check as keyof Words['doctorChecks']] ?? check}</td>
      <td data-name={doctorSeverity}>
        <span class={SEVERITY_CLASSES[severity]}>{severities[severity]}</span>
      </td>
      <td class="long-text" data-name={doctorFound}>
        <div>
          {what}
          {todo !== undefined && <p class="hint">{todo}</p>}
        </div>
      </td>
    </tr>
  );
}

/** A server that is newer than the page may find what the page has no words for. */
function textOf({ code, params }: Finding): FindingText {
  const text = words.value.findings[code as FindingCode] as
    | ((of: never, formats: Formats) => FindingText)
    | undefined;
  return text?.(params as never, FORMATS) ?? [`${code} ${JSON.stringify(params)}`];
}
