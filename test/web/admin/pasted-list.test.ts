/** Parsing pasted lists of users and tokens. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePastedList, withTokens } from '../../../web/src/admin/credits/pasted-list.ts';

function grantsIn(text: string): [string, number][] {
  const { grants, faults } = parsePastedList(text);
  assert.deepEqual(faults, [], text);
  return grants.map(({ username, tokens }) => [username, tokens]);
}

function faultsIn(text: string): string[] {
  return parsePastedList(text).faults.map(({ line, fault }) => `${line} ${fault}`);
}

test('a line is a username and a number, with any separator', () => {
  for (const line of ['ada 500', 'ada, 500', 'ada;500', 'ada\t500', '  ada   500 \r', 'ada +500']) {
    assert.deepEqual(grantsIn(line), [['ada', 500]], line);
  }
  assert.deepEqual(grantsIn('grace -20\ngrace.2 −7'), [
    ['grace', -20],
    ['grace.2', -7],
  ]);
  assert.deepEqual(grantsIn('Ada Lovelace 500'), [['Ada Lovelace', 500]]);
  assert.deepEqual(grantsIn('7 500'), [['7', 500]]);
});

test('grouped digits are one number', () => {
  for (const amount of ['1,000', '1 000', '1.000', '1’000', '1\u00a0000', '1\u202f000', '1000']) {
    assert.deepEqual(grantsIn(`alan ${amount}`), [['alan', 1_000]], amount);
  }
  assert.deepEqual(grantsIn('alan -1,234,567'), [['alan', -1_234_567]]);
  assert.deepEqual(grantsIn('alan; 12 345 678'), [['alan', 12_345_678]]);
});

test('an amount that is not a whole number is a fault, and is not rounded', () => {
  for (const amount of [
    '1.5',
    '1,00',
    '10,5',
    '1,0000',
    '1,000.5',
    '10.50',
    '1,000 000',
    'many',
    '',
  ]) {
    const text = `ada 1\nalan ${amount}`;
    const { grants, faults } = parsePastedList(text);
    const alan = grants.find(({ line }) => line === 2);
    // What is left over may be taken for part of the name, but never for the amount.
    assert.ok(faults[0]?.line === 2 || alan?.username !== 'alan', amount);
  }
  assert.deepEqual(faultsIn('ada 1\n\nalan'), ['3 no_number']);
});

test('a comma that may separate columns or digits is ambiguous', () => {
  assert.deepEqual(faultsIn('ada 1\nalan,1,000'), ['2 ambiguous']);
  assert.deepEqual(faultsIn('ada 1\nalan 10,50'), ['2 ambiguous']);
  assert.deepEqual(grantsIn('alan,"1,000"\n"ada",5'), [
    ['alan', 1_000],
    ['ada', 5],
  ]);
});

test('a number that is too large for a balance is a fault', () => {
  assert.deepEqual(faultsIn(`ada 1\nalan ${'9'.repeat(16)}`), ['2 too_large']);
  assert.deepEqual(grantsIn(`alan ${'9'.repeat(15)}`), [['alan', 999_999_999_999_999]]);
});

test('a heading is skipped, but only in the first line', () => {
  assert.deepEqual(grantsIn('name,tokens\nada,5'), [['ada', 5]]);
  assert.deepEqual(grantsIn('\nUsername\tAmount\nada\t5'), [['ada', 5]]);
  assert.deepEqual(grantsIn('Konto;Betrag\nada;5'), [['ada', 5]]);
  assert.deepEqual(faultsIn('ada,5\nname,tokens'), ['2 no_number']);
  assert.deepEqual(faultsIn('whom, how much\nada,5'), ['1 no_number']);
});

test('grants have the number of their line', () => {
  const { grants } = parsePastedList('name tokens\n\nada 5\n\ngrace 6');
  assert.deepEqual(
    grants.map(({ line }) => line),
    [3, 5],
  );
});

test('the same amount for everyone replaces the amounts in the list', () => {
  const text = 'name,tokens\nada 1,000\ngrace\n\nalan, -5\nAda Lovelace 7';
  assert.equal(withTokens(text, '50'), 'ada 50\ngrace 50\nalan 50\nAda Lovelace 50');
  assert.equal(withTokens('ada \ngrace ', '-5'), 'ada -5\ngrace -5');
});
