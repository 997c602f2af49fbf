import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { strings } from '../strings/strings.ts';

/**
 * A page whose code is loaded when it is first shown, so that the first load stays small. If that
 * fails, one click loads everything anew: a newer version of the server has other files.
 */
export function later(load: () => Promise<ComponentType>): ComponentType {
  let Loaded: ComponentType | undefined;
  return function Later() {
    const [state, setState] = useState<'loading' | 'loaded' | 'failed'>('loading');
    useEffect(() => {
      if (Loaded) return;
      load().then(
        (page) => {
          Loaded = page;
          setState('loaded');
        },
        () => setState('failed'),
      );
    }, []);
    if (Loaded) return <Loaded />;
    return (
      <main class="waiting" aria-busy={state === 'loading'}>
        {state === 'failed' && (
          <>
            <p role="alert">{strings.value.offline}</p>
            <button type="button" onClick={() => location.reload()}>
              {strings.value.retry}
            </button>
          </>
        )}
      </main>
    );
  };
}
