/** What people paste when they give tokens to many, and how it is read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPasted, withTokens } from '../../../web/src/admin/credits/pasted-list.ts';

function sharesIn(text: string): [string, number][] {
  const { shares, faults } = readPasted(text);
  assert.deepEqual(faults, [], text);
  return shares.map(({ username, tokens }) => [username, tokens]);
}

function faultsIn(text: string): string[] {
  return readPasted(text).faults.map(({ line, fault }) => `${line} ${fault}`);
}

test('a name and a number make a share, whatever stands between them', () => {
  for (const line of ['ada 500', 'ada, 500', 'ada;500', 'ada\t500', '  ada   500 \r', 'ada +500']) {
    assert.deepEqual(sharesIn(line), [['ada', 500]], line);
  }
  assert.deepEqual(sharesIn('grace -20\ngrace.2 −7'), [
    ['grace', -20],
    ['grace.2', -7],
  ]);
  assert.deepEqual(sharesIn('Ada Lovelace 500'), [['Ada Lovelace', 500]]);
  assert.deepEqual(sharesIn('7 500'), [['7', 500]]);
});

test('digits in groups are one number', () => {
  for (const amount of ['1,000', '1 000', '1.000', '1’000', '1\u00a0000', '1\u202f000', '1000']) {
    assert.deepEqual(sharesIn(`alan ${amount}`), [['alan', 1_000]], amount);
  }
  assert.deepEqual(sharesIn('alan -1,234,567'), [['alan', -1_234_567]]);
  assert.deepEqual(sharesIn('alan; 12 345 678'), [['alan', 12_345_678]]);
});

test('what is no whole number is a fault of its line, and is not cut to one', () => {
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
    const { shares, faults } = readPasted(text);
    const alan = shares.find(({ line }) => line === 2);
    // A remainder may pass for the end of a name, of which there is no user; never for a number.
    assert.ok(faults[0]?.line === 2 || alan?.username !== 'alan', amount);
  }
  assert.deepEqual(faultsIn('ada 1\n\nalan'), ['3 no_number']);
});

test('a comma that may part names or digits is asked about', () => {
  assert.deepEqual(faultsIn('ada 1\nalan,1,000'), ['2 ambiguous']);
  assert.deepEqual(faultsIn('ada 1\nalan 10,50'), ['2 ambiguous']);
  assert.deepEqual(sharesIn('alan,"1,000"\n"ada",5'), [
    ['alan', 1_000],
    ['ada', 5],
  ]);
});

test('a number that no balance can have is a fault of its line', () => {
  assert.deepEqual(faultsIn(`ada 1\nalan ${'9'.repeat(16)}`), ['2 too_large']);
  assert.deepEqual(sharesIn(`alan ${'9'.repeat(15)}`), [['alan', 999_999_999_999_999]]);
});

test('a heading is left out, but only at the head', () => {
  assert.deepEqual(sharesIn('name,tokens\nada,5'), [['ada', 5]]);
  assert.deepEqual(sharesIn('\nUsername\tAmount\nada\t5'), [['ada', 5]]);
  assert.deepEqual(sharesIn('Konto;Betrag\nada;5'), [['ada', 5]]);
  assert.deepEqual(faultsIn('ada,5\nname,tokens'), ['2 no_number']);
  assert.deepEqual(faultsIn('whom, how much\nada,5'), ['1 no_number']);
});

test('shares know the line that they came from', () => {
  const { shares } = readPasted('name tokens\n\nada 5\n\ngrace 6');
  assert.deepEqual(
    shares.map(({ line }) => line),
    [3, 5],
  );
});

test('the same number for everybody takes the place of what was there', () => {
  const text = 'name,tokens\nada 1,000\ngrace\n\nalan, -5\nAda Lovelace 7';
  assert.equal(withTokens(text, '50'), 'ada 50\ngrace 50\nalan 50\nAda Lovelace 50');
  assert.equal(withTokens('ada \ngrace ', '-5'), 'ada -5\ngrace -5');
});
