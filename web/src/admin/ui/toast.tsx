import { path } from '../../state/router.ts';
import { strings } from '../../strings/strings.ts';
import { notice } from './list.tsx';

/** What was done last, or could not be done, wherever one has scrolled to. */
export function Notice() {
  const { value } = notice;
  return (
    <div class="notices" role="status" aria-live="polite">
      {value && value.at === path.value && (
        <p class={value.isFault ? 'notice fault' : 'notice'}>
          {value.text}
          <button
            type="button"
            class="quiet"
            aria-label={strings.value.close}
            onClick={() => {
              notice.value = undefined;
            }}
          >
            ×
          </button>
        </p>
      )}
    </div>
  );
}
