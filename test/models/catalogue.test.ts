import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flatPrice } from '../../src/core/pricing.ts';
import { Catalogue } from '../../src/models/catalogue.ts';
import { scriptedModel } from '../support/scripted-model.ts';

const named = (name: string, price = 1) => ({ ...scriptedModel(flatPrice(price)), name });

test('a model is found by its name and by its aliases', () => {
  const small = named('small');
  const catalogue = new Catalogue([small, named('large')], 'large', { 'gpt-4o': 'small' });
  assert.equal(catalogue.find('gpt-4o'), small);
  assert.equal(catalogue.find('small'), small);
  assert.equal(catalogue.find('toString'), undefined);
  assert.deepEqual(catalogue.namesOf(small), ['small', 'gpt-4o']);
  assert.equal(catalogue.defaultModel.name, 'large');
});

test('what is on offer can be replaced; whoever has a model keeps it', () => {
  const catalogue = new Catalogue([named('small', 1), named('old')], 'old', { o: 'old' });
  const before = catalogue.find('small');
  catalogue.replaceBy(new Catalogue([named('small', 2)]));
  assert.deepEqual(before?.price, flatPrice(1));
  assert.deepEqual(catalogue.find('small')?.price, flatPrice(2));
  assert.equal(catalogue.find('old'), undefined);
  assert.equal(catalogue.find('o'), undefined);
  assert.deepEqual(catalogue.aliases, {});
  assert.equal(catalogue.defaultModel.name, 'small');
});
