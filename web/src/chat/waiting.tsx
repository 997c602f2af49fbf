import { isServerAway } from '../state/account.ts';
import { strings } from '../strings/strings.ts';

/** The page until it is known whether somebody is signed in. */
export function Waiting() {
  return (
    <main class="waiting" aria-busy="true">
      {isServerAway.value && <p role="status">{strings.value.serverAway}</p>}
    </main>
  );
}
