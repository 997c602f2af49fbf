/** What runs in production is pinned by hashes, and nothing of it runs at installation. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import packageJson from '../package.json' with { type: 'json' };
import lock from '../package-lock.json' with { type: 'json' };

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
  readonly bin?: Readonly<Record<string, string>>;
}

const locked = Object.entries<Locked>(lock.packages).filter(([path]) => path !== '');

test('every package has its hash, and no production package an install script', () => {
  const unpinned = locked.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'));
  assert.deepEqual(unpinned, []);
  const scripted = locked.filter(([, it]) => it.hasInstallScript && !it.dev);
  assert.deepEqual(scripted, []);
});

test('the runtime is among them, for each platform, in one version', () => {
  const runtimes = locked.filter(([, { bin }]) => bin !== undefined && 'node' in bin);
  const names = runtimes.map(([path]) => path.replace('node_modules/', '')).sort();
  assert.deepEqual(names, Object.keys(packageJson.optionalDependencies).sort());
  assert.equal(new Set(runtimes.map(([, { version }]) => version)).size, 1);
  assert.ok(runtimes.every(([, { dev, optional }]) => !dev && optional));
});
