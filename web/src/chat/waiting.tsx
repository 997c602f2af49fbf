import { isServerUnreachable } from '../state/account.ts';
import { strings } from '../strings/strings.ts';

/** The page until it is known whether somebody is signed in. */
export function Waiting() {
  return (
    <main class="waiting" aria-busy="true">
      {isServerUnreachable.value && <p role="status">{strings.value.serverUnreachable}</p>}
    </main>
  );
}
