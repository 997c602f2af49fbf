import { isServerAway } from '../state/account.ts';
import { strings } from '../strings/strings.ts';

/** What is shown until it is known who is here: nothing that would be taken away again. */
export function Waiting() {
  return (
    <main class="waiting" aria-busy="true">
      {isServerAway.value && <p role="status">{strings.value.serverAway}</p>}
    </main>
  );
}
