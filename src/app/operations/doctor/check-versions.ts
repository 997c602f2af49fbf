import { type Finding, finding } from '../../../core/doctor.ts';
import type { Subject } from './subject.ts';

/** @param node the running version, such as `26.1.0` */
export function checkVersions(
  { version: chit, nodeRange: wanted }: Pick<Subject, 'version' | 'nodeRange'>,
  node: string = process.versions.node,
): Finding[] {
  const [major = 0, minor = 0] = numbersIn(node);
  const [wantedMajor = 0, wantedMinor = 0] = numbersIn(wanted);
  const isOld = major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
  return [isOld ? finding('node_old', { node, wanted }) : finding('versions_ok', { chit, node })];
}

function numbersIn(text: string): number[] {
  return [...text.matchAll(/\d+/g)].map(([digits]) => Number(digits));
}
