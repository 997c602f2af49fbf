/** CSV files as spreadsheets write them, read and written. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvLine, readCsv } from '../../src/core/csv.ts';

const cellsOf = (text: string) => readCsv(text).records.map(({ cells }) => cells);

test('commas, semicolons and tabs separate cells, by what the first line has most of', () => {
  assert.deepEqual(cellsOf('a,b;c\n1,2;3'), [
    ['a', 'b;c'],
    ['1', '2;3'],
  ]);
  assert.deepEqual(cellsOf('\ufeffa;b,c;d\r\n1,5;2;3'), [
    ['a', 'b,c', 'd'],
    ['1,5', '2', '3'],
  ]);
  assert.deepEqual(cellsOf('a\tb\r1\t2'), [
    ['a', 'b'],
    ['1', '2'],
  ]);
  assert.deepEqual(cellsOf('"a;b;c",d'), [['a;b;c', 'd']]);
});

test('quoted cells may have anything in them; rows are counted as a spreadsheet does', () => {
  const { records, faultyRow } = readCsv('a,b\n"x\n""y"",z",2\n\n3,\n');
  assert.equal(faultyRow, undefined);
  assert.deepEqual(records, [
    { row: 1, cells: ['a', 'b'] },
    { row: 2, cells: ['x\n"y",z', '2'] },
    { row: 3, cells: [''] },
    { row: 4, cells: ['3', ''] },
  ]);
  assert.deepEqual(readCsv(''), { records: [], faultyRow: undefined });
});

test('the row that is not CSV is told', () => {
  assert.equal(readCsv('a,b\n1,2\n"3,4').faultyRow, 3);
  assert.equal(readCsv('a,b\n1,x"y"\n3,4').faultyRow, 2);
});

test('what is written is read again, and no cell is a formula', () => {
  const cells = ['=1+1', ' @x', '-5', 'a "b", c', 'plain', '', 'line\nbreak', '＝1'];
  const [read] = cellsOf(csvLine([...cells, 7, null]));
  assert.deepEqual(read, ["'=1+1", "' @x", "'-5", ...cells.slice(3, 7), "'＝1", '7', '']);
});
