import { useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { runAction } from '../ui/toast.tsx';
import { words } from '../words/words.ts';

/** Leaves for the provider; the browser comes back to the page of the trial. */
export function TryProvider({ name, label }: { name: string; label?: string }) {
  const [isLeaving, setLeaving] = useState(false);
  const leave = async () => {
    setLeaving(true);
    const path = `/api/admin/sign-in/${name}/try/`;
    const hasLeft = await runAction(async () => {
      const { url } = await call<{ url: string }>('POST', path);
      location.assign(url);
    });
    if (!hasLeft) setLeaving(false);
  };
  return (
    <>
      <button
        type="button"
        class="primary"
        aria-label={label === undefined ? words.value.tryProviderOf(name) : undefined}
        disabled={isLeaving}
        onClick={() => void leave()}
      >
        {label ?? words.value.tryProvider}
      </button>
      <p class="hint">{words.value.tryProviderText}</p>
    </>
  );
}
