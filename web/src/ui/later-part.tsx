import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { errorNotice } from '../state/error-notice.ts';
import { strings } from '../strings/strings.ts';

/**
 * A part of a page whose code is loaded when it is first shown. Until then nothing is drawn.
 * @param options `isQuiet`: nobody has asked for it, so that nothing is said if it cannot be loaded
 */
export function laterPart<P extends object>(
  load: () => Promise<ComponentType<P>>,
  { isQuiet = false }: { readonly isQuiet?: boolean } = {},
): ComponentType<P> {
  let Loaded: ComponentType<P> | undefined;
  return function LaterPart(props: P) {
    const [, setLoaded] = useState(Loaded !== undefined);
    useEffect(() => {
      if (Loaded) return;
      load().then(
        (part) => {
          Loaded = part;
          setLoaded(true);
        },
        () => {
          if (!isQuiet) errorNotice.value = strings.value.offline;
        },
      );
    }, []);
    return Loaded ? <Loaded {...props} /> : null;
  };
}
