import type { Price } from '../core/pricing.ts';

const texts = new WeakMap<Price, string>();

/** A price as the JSON that is stored. Prices are few and stored often, so each is made once. */
export function priceText(price: Price): string {
  let text = texts.get(price);
  if (text === undefined) {
    text = JSON.stringify(price);
    texts.set(price, text);
  }
  return text;
}
