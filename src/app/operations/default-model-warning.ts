import { coversText, type Price } from '../../core/pricing.ts';

/**
 * What is wrong with the model for requests that name none: chats by it are refused.
 * @returns a sentence; undefined if nothing is
 */
export function defaultModelWarning({
  name,
  price,
}: {
  readonly name: string;
  readonly price: Price;
}): string | undefined {
  if (coversText(price)) return undefined;
  return (
    `"${name}" is the default model, but its price is not for text, so that chats which name no ` +
    'model are refused. Name another one as "defaultModel" in chit.json, or give it ' +
    '"perMillionInput" and "perMillionOutput".'
  );
}
