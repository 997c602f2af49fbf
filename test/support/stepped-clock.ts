/** The clock of other processes, which a test can set, by libfaketime. */
import { existsSync, globSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where Debian, Fedora and others install it. */
const PLACES = ['/usr/lib/*/faketime', '/usr/lib*/faketime', '/usr/local/lib/faketime'];

export interface SteppedClock {
  /** The environment of a process whose clock it is. Its monotonic clock is the real one. */
  readonly environment: Record<string, string>;
  /** Sets the clock so many seconds before or after the real one. */
  set(offsetSeconds: number): void;
}

/** The library, where it is installed: the one for programs with threads. */
export function faketimeLibrary(): string | undefined {
  return PLACES.flatMap((place) => globSync(place))
    .map((place) => join(place, 'libfaketimeMT.so.1'))
    .find((path) => existsSync(path));
}

/**
 * A clock that is right until it is set.
 * @param folder where its offset is stored
 */
export function steppedClock(library: string, folder: string): SteppedClock {
  const path = join(folder, 'clock-offset');
  const set = (offsetSeconds: number) => {
    // Never read half written.
    writeFileSync(`${path}.new`, `${offsetSeconds < 0 ? '' : '+'}${offsetSeconds}\n`);
    renameSync(`${path}.new`, path);
  };
  set(0);
  const environment = {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: path,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    // The name of earlier versions.
    DONT_FAKE_MONOTONIC: '1',
  };
  return { environment, set };
}
