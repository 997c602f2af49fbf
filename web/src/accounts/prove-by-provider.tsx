import { me } from '../state/account.ts';
import { leaveForProvider } from '../state/provider-sign-in.ts';
import { site } from '../state/site.ts';
import { signInText } from '../strings/sign-in/texts.ts';
import { buttonText } from './provider-buttons.tsx';

/** Signing in anew at the user's provider, which is a fresh proof. */
export function ProveByProvider() {
  const own = me.value?.sign_in ?? [];
  const ways = (site.value?.sign_in ?? []).filter(({ name }) => own.includes(name));
  return (
    <div class="stack">
      <p>{signInText.value.again}</p>
      {ways.map((way) => (
        <button
          key={way.name}
          type="button"
          class="primary"
          onClick={() => leaveForProvider(way.name, { isAgain: true })}
        >
          {buttonText(way)}
        </button>
      ))}
    </div>
  );
}
