/** Compares what clients and staff were told with what is in the book. */
import type { Book, Generation } from './book.ts';
import { isRelayed, type Told } from './kinds.ts';
import type { Sent, StaffAction } from './records.ts';

/** What must not happen, and how it is called in the table of figures. */
export const COLUMNS = {
  doubleCharges: 'double charges',
  missingCharges: 'missing charges',
  wrongCharges: 'charged otherwise than the provider told',
  freeAnswers: 'free answers',
  lostAnswers: 'lost paid answers',
  falseNothing: 'false "nothing was charged"',
  lateDeliveries: 'delivered after another server ended it',
  silentEnds: 'ended without a word',
  stuckHolds: 'holds older than lease + 2 s',
  sumMismatches: 'sum mismatches',
  stuckServers: 'servers that did not come back',
  internalErrors: 'status 500',
} as const;
export type Column = keyof typeof COLUMNS;

/** One thing that must not happen, with what a person needs to look into it. */
export interface Finding {
  readonly column: Column;
  readonly what: string;
}

/** What is on its way when a server is fenced may still arrive. */
const ON_ITS_WAY_MS = 300;

/** What the provider said that a request used, as it is charged. */
export interface ToldUsage {
  readonly scriptId: string;
  readonly atMs: number;
  readonly credits: number;
}

/** A time in which a server may not have known whether its lease held. */
export interface Trouble {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Compares what was charged under `/v1/` with what the provider told before the generation ended:
 * also to clients that had left by then, for which the model is read on.
 */
export function findingsOfUsage(
  sent: Sent,
  book: Book,
  told: readonly ToldUsage[],
  troubles: readonly Trouble[],
): Finding[] {
  const { spending, script } = sent;
  if (!isRelayed(spending.kind) || spending.model === 'flat') return [];
  const generations = book.generations.get(script.id) ?? [];
  return generations.flatMap((generation): Finding[] => {
    const { createdMs, endedMs = 0, charge, failure, usageSource } = generation;
    const isInTime = ({ atMs }: ToldUsage) => atMs >= createdMs && atMs <= endedMs;
    const ofScript = told.filter((it) => it.scriptId === script.id);
    const usage = onlyOne(ofScript.filter(isInTime));
    if (!usage || !ENDS_WITH_USAGE.has(failure) || charge === usage.credits) return [];
    // A server that is not certain of its lease does not read on.
    const isDoubtful = ({ fromMs, toMs }: Trouble) => fromMs <= endedMs && toMs >= createdMs;
    if (usageSource !== 'provider' && troubles.some(isDoubtful)) return [];
    const what = `told ${usage.credits}: ${described(sent, [generation])}`;
    return [{ column: 'wrongCharges', what }];
  });
}

/** Ends at which the usage that came before is charged; a client that leaves stops its reply. */
const ENDS_WITH_USAGE: ReadonlySet<string | null> = new Set([
  null,
  'stopped',
  'stopped_before_reply',
]);

/** Compares a request with the generations that it led to. */
export function findingsOf(sent: Sent, book: Book): Finding[] {
  const generations = book.generations.get(sent.script.id) ?? [];
  const findings: Finding[] = [];
  const report = (column: Column, why: string) =>
    findings.push({ column, what: `${why}: ${described(sent, generations)}` });
  const charged = generations.filter(({ charge }) => charge > 0);
  const [paid] = charged;
  if (charged.length > 1) report('doubleCharges', `charged ${charged.length} times`);
  for (const { status, charge } of generations) {
    const isAnswer = status === 'complete' || status === 'incomplete';
    if (isAnswer && charge === 0) report('missingCharges', `${status} and not charged`);
  }
  let isUnknown = false;
  for (const told of sent.tries) {
    const own = generationOf(told, generations, isUnknown);
    compareClaim(told, told.text, own ?? (told.isReplayed ? paid : undefined), paid, report);
    if (told.claim === 'pending' && !own) report('lostAnswers', 'told an id that is not stored');
    compareLate(told, 0, own, report);
    if (told.claim === 'done before' && !paid) report('missingCharges', 'told that it was charged');
    isUnknown ||= told.claim === 'unknown';
  }
  for (const { told, textBefore } of sent.follows) {
    const own = generations.find(({ id }) => id === told.messageId) ?? onlyOne(generations);
    if (own && told.claim !== 'unknown') {
      compareClaim(told, textBefore + told.text, own, paid, report);
    }
    compareLate(told, textBefore.length, own, report);
  }
  if (paid?.status === 'complete' && sent.spending.key && !wasTold(sent, paid)) {
    report('lostAnswers', 'charged, and the key does not give the answer');
  }
  return findings;
}

/** Compares grants and refunds with what was booked. */
export function findingsOfStaff(action: StaffAction, book: Book): Finding[] {
  const { kind, reason, chargeId = '', told } = action;
  const booked = (kind === 'grant' ? book.grants.get(reason) : book.refunds.get(chargeId)) ?? 0;
  const what = `${JSON.stringify(action)} is booked ${booked} times`;
  if (booked > 1) return [{ column: 'doubleCharges', what }];
  if (told === 'booked' && booked === 0) return [{ column: 'missingCharges', what }];
  if (told === 'not booked' && booked > 0) return [{ column: 'falseNothing', what }];
  return [];
}

type Report = (column: Column, why: string) => void;

/** One claim of the server against the generation that it is about, if it can be told which. */
function compareClaim(
  told: Told,
  text: string,
  own: Generation | undefined,
  paid: Generation | undefined,
  report: Report,
): void {
  const { claim, cost, status } = told;
  if (status === 500) report('internalErrors', 'status 500');
  if (claim === 'silent') report('silentEnds', 'the response ended without a word');
  if (claim === 'nothing' && own && own.charge > 0) {
    report('falseNothing', 'told that nothing was charged');
  }
  if (claim === 'partial' && own?.status === 'complete' && !told.isReplayed) {
    report('lostAnswers', 'told that the answer is incomplete, and charged for all of it');
  }
  if (cost !== undefined && own && cost < own.charge) report('falseNothing', `told ${cost}`);
  if (cost !== undefined && own && cost > own.charge) report('missingCharges', `told ${cost}`);
  if (claim !== 'whole' && claim !== 'answered') return;
  const answered = own ?? paid;
  if (!answered || answered.charge === 0) {
    report('freeAnswers', 'told that it is answered');
  } else if (answered.reply !== text) {
    const isLate = answered.failure?.startsWith('server_lost') ?? false;
    report(isLate ? 'lateDeliveries' : 'lostAnswers', 'another text is stored');
  } else if (claim === 'whole' && answered.status !== 'complete') {
    report('freeAnswers', `told that it is whole, and stored as ${answered.status}`);
  }
}

/** Text that came after another server had ended the generation. */
function compareLate(
  told: Told,
  lengthBefore: number,
  own: Generation | undefined,
  report: Report,
): void {
  if (!own?.failure?.startsWith('server_lost') || own.endedMs === undefined) return;
  const length = lengthBefore + told.text.length;
  const inTime = lengthBefore + told.textUntil(own.endedMs + ON_ITS_WAY_MS);
  const late = length - Math.max(inTime, own.reply.length);
  if (late > 0) report('lateDeliveries', `${late} characters came too late`);
}

/**
 * The generation that a response is about: the one it names, or the one that began while the client
 * waited. After a try of unknown outcome that may be the generation of the earlier try.
 */
function generationOf(
  told: Told,
  generations: readonly Generation[],
  isAfterUnknown: boolean,
): Generation | undefined {
  if (told.messageId !== undefined) return generations.find(({ id }) => id === told.messageId);
  if (isAfterUnknown || told.isReplayed) return undefined;
  const { startedMs, endedMs } = told;
  return onlyOne(
    generations.filter(({ createdMs }) => createdMs >= startedMs && createdMs <= endedMs),
  );
}

function onlyOne<T>(list: readonly T[]): T | undefined {
  return list.length === 1 ? list[0] : undefined;
}

/** Whether the client of a charged request got the answer in the end. */
function wasTold({ spending, tries, follows }: Sent, { reply }: Generation): boolean {
  const isAnswer = ({ claim, text }: Told, before = '') =>
    (claim === 'whole' || claim === 'answered') && before + text === reply;
  if (spending.kind !== 'conversation') return tries.some((told) => isAnswer(told));
  return follows.some(({ told, textBefore }) => isAnswer(told, textBefore));
}

function described({ spending, tries, follows }: Sent, generations: readonly Generation[]): string {
  const told = [...tries, ...follows.map((it) => it.told)].map((it) => {
    const words = [it.status, it.code, it.claim, it.cost, it.isReplayed && 'replayed'];
    const said = words.filter((word) => word !== undefined && word !== false).join(' ');
    return `${said}, ${it.text.length} characters, ${it.startedMs} to ${it.endedMs}`;
  });
  const booked = generations.map(
    ({ status, failure, charge, reply, createdMs, endedMs }) =>
      `${status} ${failure} ${charge} credits, ${reply.length} characters, ` +
      `${createdMs} to ${endedMs}`,
  );
  const what = `${spending.kind} (${spending.model}) ${spending.key ? 'with' : 'without'} a key`;
  return `${what}; told: ${told.join(' | ')}; booked: ${booked.join(' | ')}`;
}
