/**
 * A model in place of a provider, the one fake of the outside world. The message is its script: a
 * JSON array of steps, carried out in order. Any other message is answered with one short text.
 */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Price } from '../../src/core/pricing.ts';
import { textUsage, type Usage } from '../../src/core/usage.ts';
import {
  type Delta,
  type GenerateRequest,
  MODEL_DEFAULTS,
  type Model,
} from '../../src/models/catalogue.ts';

export type Step =
  /** Nothing; makes a script different from all others. */
  | { readonly note: string }
  | { readonly say: string }
  /** Reasoning, which is not part of the reply. */
  | { readonly nonReplyOutput: string }
  /** What it asks of a tool. */
  | { readonly toolInput: string }
  | { readonly waitMs: number }
  /** It goes on once this file exists. */
  | { readonly waitForFile: string }
  | { readonly usage: Parameters<typeof textUsage>[0] }
  /** Usage in any unit and by any service tier. */
  | { readonly told: Usage }
  /** The provider breaks off. */
  | { readonly fail: string }
  /** The provider goes silent and does not react to an abort either. */
  | { readonly hang: true };

export interface ScriptedModel extends Model {
  /** Received requests, in order. */
  readonly requests: GenerateRequest[];
}

/** The message that makes the scripted model do this. */
export function script(...steps: Step[]): string {
  return JSON.stringify(steps);
}

/** A model that does what its message says. */
export function scriptedModel(
  price: Price,
  limits: { readonly outputLimit?: number; readonly idleTimeoutMs?: number } = {},
): ScriptedModel {
  const { outputLimit = 1_000, idleTimeoutMs = 60_000 } = limits;
  const requests: GenerateRequest[] = [];
  return {
    ...MODEL_DEFAULTS,
    name: 'scripted',
    price,
    outputLimit,
    idleTimeoutMs,
    wholeAnswerTimeoutMs: idleTimeoutMs,
    requests,
    async *generate(request) {
      requests.push(request);
      for (const step of stepsOf(request.content)) yield* perform(step, request.signal);
    },
  };
}

function stepsOf(content: string): Step[] {
  if (!content.startsWith('[')) return [{ say: `You said: ${content}` }];
  return JSON.parse(content) as Step[];
}

async function* perform(step: Step, signal: AbortSignal): AsyncIterable<Delta> {
  if ('say' in step) yield { text: step.say };
  else if ('nonReplyOutput' in step) yield { nonReplyOutput: step.nonReplyOutput };
  else if ('toolInput' in step) yield { toolCalls: [callOf(step.toolInput)] };
  else if ('waitMs' in step) await sleep(step.waitMs, undefined, { signal });
  else if ('waitForFile' in step) await fileExists(step.waitForFile, signal);
  else if ('usage' in step) yield { usage: textUsage(step.usage) };
  else if ('told' in step) yield { usage: step.told };
  else if ('note' in step) return;
  else if ('fail' in step) throw new Error(step.fail);
  else await new Promise(() => undefined);
}

function callOf(input: string) {
  return { index: 0, id: '', name: '', arguments: input };
}

async function fileExists(path: string, signal: AbortSignal): Promise<void> {
  while (!existsSync(path)) await sleep(10, undefined, { signal });
}
