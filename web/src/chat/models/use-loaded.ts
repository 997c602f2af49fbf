import { useEffect, useState } from 'preact/hooks';

/**
 * What a module has, once it is wanted and loaded; undefined before, or if it cannot be loaded: a
 * newer version of the server has other files.
 */
export function useLoaded<T>(load: () => Promise<T>, isWanted: boolean): T | undefined {
  const [loaded, setLoaded] = useState<{ readonly it: T }>();
  useEffect(() => {
    if (!isWanted || loaded) return;
    load().then(
      (it) => setLoaded({ it }),
      () => undefined,
    );
  }, [isWanted]);
  return loaded?.it;
}
