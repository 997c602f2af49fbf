import { useState } from 'preact/hooks';
import { canNotify, setNotices, wantsNotices } from '../shell/notify.ts';
import { overText } from '../strings/over/over.ts';

/** The switch for notices of replies that are done; only it asks for the browser's permission. */
export function Notices() {
  const text = overText.value.notices;
  const [isRefused, setRefused] = useState(false);
  if (!canNotify()) return null;
  const change = async (isOn: boolean) => setRefused(!(await setNotices(isOn)) && isOn);
  return (
    <section>
      <h2>{text.title}</h2>
      <label class="check-label">
        <input
          type="checkbox"
          checked={wantsNotices.value}
          onChange={(event) => void change(event.currentTarget.checked)}
        />
        {text.label}
      </label>
      {isRefused && (
        <p class="fault" role="alert">
          {text.refused}
        </p>
      )}
    </section>
  );
}
