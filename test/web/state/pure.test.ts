/** The transitions of the page's state can be tested without a browser because they are pure. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const MACHINES = join(import.meta.dirname, '../../../web/src/state/machines');

test('the state machines import only types and each other, and touch nothing outside', () => {
  const names = globSync('*.ts', { cwd: MACHINES });
  assert.ok(names.length >= 5);
  for (const name of names) {
    const source = readFileSync(join(MACHINES, name), 'utf8');
    const imports = [...source.matchAll(/^import (type )?[^;]*? from '([^']+)';/gm)];
    for (const [statement, isType, from] of imports) {
      assert.ok(isType || from?.startsWith('./'), `${name}: ${statement}`);
    }
    assert.doesNotMatch(source, /\b(document|window|location|localStorage|fetch|signal)\b[.(]/);
    assert.doesNotMatch(source, /Date\.now|new Date|Math\.random|async /);
  }
});
