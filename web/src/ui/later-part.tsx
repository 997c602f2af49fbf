import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { errorNotice } from '../state/error-notice.ts';
import { strings } from '../strings/strings.ts';

/** A part of a page whose code is loaded when it is first shown. Until then nothing is drawn. */
export function laterPart<P extends object>(
  load: () => Promise<ComponentType<P>>,
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
          errorNotice.value = strings.value.offline;
        },
      );
    }, []);
    return Loaded ? <Loaded {...props} /> : null;
  };
}
