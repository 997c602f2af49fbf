/** An open Chit in memory whose ledger commands are noted, for tests of what requests cost. */
import { createApiKey } from '../../src/app/accounts/api-keys.ts';
import { openAccount } from '../../src/app/accounts/register-user.ts';
import { ClientRetries } from '../../src/app/gateway/client-retries.ts';
import { relay } from '../../src/app/gateway/relay.ts';
import { type Chit, openChit } from '../../src/compose.ts';
import { loadConfig } from '../../src/config.ts';
import type { Command, Result } from '../../src/core/ledger.ts';
import type { Model } from '../../src/models/catalogue.ts';
import type { ProviderApi } from '../../src/models/provider-apis/provider-api.ts';
import type { RequestBody } from '../../src/models/request-body/request-body.ts';
import { PATIENT_SETTINGS } from './patient-settings.ts';
import { SECRET_KEY } from './server.ts';

/** A command that ended with a result. */
interface Booked {
  readonly command: Command;
  readonly result: Result;
}

interface User {
  readonly userId: number;
  readonly apiKey: { readonly id: string; readonly models: readonly string[] | undefined };
}

/** What a request came to. */
export interface Relayed {
  readonly error: unknown;
  readonly chargedCredits: number;
  readonly heldCredits: number;
  /** The commands of the request, in order. */
  readonly booked: readonly Booked[];
}

/** A Chit, and requests to it that are not sent by HTTP. */
export interface BookedChit {
  readonly chit: Chit;
  /** Sends a request of a new user with so many credits. */
  relayed(api: ProviderApi, body: RequestBody, openingCredits: number): Promise<Relayed>;
}

export async function openBookedChit(models: readonly Model[]): Promise<BookedChit> {
  const { config } = loadConfig(
    { ...PATIENT_SETTINGS, CHIT_DATABASE_URL: 'sqlite::memory:', CHIT_SECRET_KEY: SECRET_KEY },
    'no such file',
  );
  const chit = await openChit(config, models);
  const booked: Booked[] = [];
  const { ledger } = chit.context;
  for (const name of ['submit', 'submitUntilKnown'] as const) {
    const submit = ledger[name].bind(ledger) as (command: Command) => Promise<Result>;
    Object.assign(ledger, {
      [name]: async (command: Command) => {
        const result = await submit(command);
        booked.push({ command, result });
        return result;
      },
    });
  }
  let accounts = 0;
  const newUser = async (openingCredits: number): Promise<User> => {
    accounts += 1;
    const about = { password: 'Pa55word!x', isStaff: false, isSuperuser: false, openingCredits };
    const opened = await openAccount(chit.context, { ...about, username: `user-${accounts}` }, {});
    const { userId } = opened;
    const ofKey = { userId, name: 'x', models: undefined, budgetCredits: undefined };
    const { apiKey } = await createApiKey(chit.context, { ...ofKey, expiresAtMs: undefined });
    return { userId, apiKey };
  };
  return {
    chit,
    relayed: async (api, body, openingCredits) => {
      const { userId, apiKey } = await newUser(openingCredits);
      booked.length = 0;
      const asked = relay(chit.context, {
        api,
        body,
        userId,
        apiKey,
        idempotency: undefined,
        retrying: { known: new ClientRetries(), nth: undefined, onSpent: () => undefined },
        left: new AbortController().signal,
        onLimits: () => undefined,
        onReplayed: () => undefined,
        deliver: () => undefined,
      });
      const error = await asked.then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      const account = await ledger.account(userId);
      if (!account) throw new Error('The account is gone.');
      const chargedCredits = openingCredits - account.postedCredits;
      return { error, chargedCredits, heldCredits: account.heldCredits, booked: [...booked] };
    },
  };
}

/**
 * Whether a request was held by the bound of its input, with all that it can cost: then a shortfall
 * is a fault, unless the provider broke its own limit.
 */
export function firstHold({ booked }: Relayed) {
  const [first] = booked.filter(({ command }) => command.kind === 'hold');
  if (first?.command.kind !== 'hold' || first.result.outcome !== 'held') return undefined;
  return { mostCredits: first.command.mostCredits, heldCredits: first.result.heldCredits };
}
