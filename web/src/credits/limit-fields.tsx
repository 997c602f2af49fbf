import { strings } from '../strings/strings.ts';

export type WindowChoice = 'day' | 'week' | 'month' | 'none';
const WINDOWS: readonly WindowChoice[] = ['day', 'week', 'month', 'none'];

/** How much in which time. */
export function LimitFields(props: {
  amount: string;
  window: WindowChoice;
  onAmount: (amount: string) => void;
  onWindow: (window: WindowChoice) => void;
}) {
  const text = strings.value.limits;
  return (
    <>
      <input
        placeholder={text.amount}
        aria-label={text.amount}
        inputMode="numeric"
        pattern="\d{1,15}"
        required
        value={props.amount}
        onInput={(event) => props.onAmount(event.currentTarget.value)}
      />
      <select
        aria-label={text.window}
        value={props.window}
        onChange={(event) => props.onWindow(event.currentTarget.value as WindowChoice)}
      >
        {WINDOWS.map((it) => (
          <option key={it} value={it}>
            {text.windows[it]}
          </option>
        ))}
      </select>
    </>
  );
}

/** The window of a limit, as the form has it. */
export function choiceOf(kind: string): WindowChoice {
  return WINDOWS.find((it) => it === kind) ?? 'none';
}

/** Where the user's days begin. */
export function timeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}
