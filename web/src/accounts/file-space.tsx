import { useEffect, useState } from 'preact/hooks';
import { call } from '../api/client.ts';
import type { FileSpace as Space } from '../api/types.ts';
import { sizeText } from '../chat/files/size-text.ts';
import { fileTexts } from '../strings/files/late.ts';

/** How much room the files in chats have. */
export function FileSpace() {
  const text = fileTexts.value;
  const [space, setSpace] = useState<Space | undefined>();
  useEffect(() => {
    call<Space>('GET', '/api/files/').then(setSpace, () => undefined);
  }, []);
  if (!space || space.quota === 0) return null;
  const words = text.used(sizeText(space.used), sizeText(space.quota));
  return (
    <section>
      <h2>{text.space}</h2>
      <p>
        <meter min={0} max={space.quota} value={space.used} aria-label={words} /> {words}
      </p>
      <p>{text.usedHint}</p>
    </section>
  );
}
