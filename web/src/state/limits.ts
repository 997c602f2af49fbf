/** The accounts that may pay, the limits, and who pays for the next message. */
import { computed, signal } from '@preact/signals';
import { call } from '../api/client.ts';
import type { Limits } from '../api/types.ts';
import { chosenOf, firstPaying, payingAccount, paysFor, shortageOf } from './machines/payers.ts';
import { keep, kept } from './preferences.ts';

/** As the server read them last; undefined until it is known. */
export const limits = signal<Limits | undefined>(undefined);
/** The model that answers the next message, as `model.ts` says. */
export const payingModel = signal<string | undefined>(undefined);
const choice = signal<{ readonly user: number; readonly payer: string } | undefined>(undefined);

/** The account that the user chose; undefined to leave it to the server. */
export const chosenPayer = computed(() =>
  chosenOf(limits.value, choice.value?.payer ?? '', payingModel.value),
);
/** The account that pays for the next message. */
export const payer = computed(() =>
  payingAccount(limits.value, choice.value?.payer ?? '', payingModel.value),
);
/** The one that pays if the user leaves it to the server. */
export const automaticPayer = computed(
  () => limits.value && firstPaying(limits.value, payingModel.value),
);
/** Those that pay for the model. */
export const payers = computed(
  () => limits.value?.accounts.filter((it) => paysFor(it, payingModel.value)) ?? [],
);
/** What keeps it from paying more. */
export const shortage = computed(
  () => limits.value && payer.value && shortageOf(limits.value, payer.value),
);

/** @throws ApiError, Unreachable */
export async function readLimits(): Promise<Limits> {
  return call<Limits>('GET', '/api/limits/');
}

/** Shows the limits of a user, with the account that was last chosen in this browser. */
export function showLimits(user: number, read: Limits): void {
  if (choice.value?.user !== user) choice.value = { user, payer: kept(`payer.${user}`) };
  limits.value = read;
}

/** Forgets them; the browser remembers the choice. */
export function hideLimits(): void {
  limits.value = undefined;
  choice.value = undefined;
}

/** Chooses who pays from now on; empty leaves it to the server. */
export function choosePayer(account: string): void {
  const { value: before } = choice;
  if (!before) return;
  choice.value = { ...before, payer: account };
  keep(`payer.${before.user}`, account);
}
