/** What superusers are told by the doctor: codes with parameters, which the page translates. */
import { Type } from 'typebox';

const Severity = Type.Union([
  Type.Literal('ok'),
  Type.Literal('note'),
  Type.Literal('warning'),
  Type.Literal('fault'),
]);

export const DoctorReply = Type.Object(
  {
    findings: Type.Array(
      Type.Object({
        check: Type.String({ description: 'What was looked at, such as `backups`.' }),
        severity: Severity,
        code: Type.String({ description: 'What was found, such as `backup_overdue`.' }),
        params: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
      }),
      { description: 'In the order of the checks, the worst of each first.' },
    ),
    took_ms: Type.Integer(),
  },
  { description: 'What was found. `chit doctor` says the same, in sentences.' },
);

export type { FindingCode, FindingDetails } from '../../core/doctor.ts';
