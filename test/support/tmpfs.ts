/** A small file system in memory, where the user may mount one. */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { newFolder } from './server.ts';

export interface SmallDisk {
  readonly folder: string;
  /** Changes the options of the mount, such as `ro`. */
  remount(options: string): void;
}

/**
 * Mounts a small disk for one test; however the test ends, it is unmounted.
 * @param options of tmpfs, such as `size=256k`
 * @returns undefined, after saying so, where the user may not mount
 */
export function smallDisk(test: TestContext, options: string): SmallDisk | undefined {
  const folder = newFolder();
  if (!isDone('mount', '-t', 'tmpfs', '-o', options, 'tmpfs', folder)) {
    rmSync(folder, { recursive: true });
    test.diagnostic('not tested: this user may not mount a tmpfs');
    return undefined;
  }
  const unmount = () => isDone('umount', '--lazy', folder);
  process.once('exit', unmount);
  test.after(() => {
    process.off('exit', unmount);
    unmount();
    rmSync(folder, { recursive: true });
  });
  return {
    folder,
    remount: (changed) => {
      if (!isDone('mount', '-o', `remount,${changed}`, folder)) throw new Error('cannot remount');
    },
  };
}

/** Fills a disk to the last byte; deleting the returned file frees it again. */
export function fillDisk(folder: string): string {
  const path = join(folder, 'filler');
  const file = openSync(path, 'w');
  try {
    for (;;) writeSync(file, Buffer.alloc(4_096));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
  return path;
}

function isDone(command: string, ...args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
