import { me } from '../state/account.ts';
import { strings } from '../strings/strings.ts';
import { Dialog } from '../ui/dialog.tsx';

const command = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : 'Ctrl';

/** The keyboard shortcuts. */
export function HelpDialog({ onClose }: { onClose: () => void }) {
  const { keys, help, or } = strings.value;
  const rows: [string, string][] = [
    [`${command} + Shift + O`, keys.newChat],
    [`${command} + K`, keys.search],
    ['/', keys.focus],
    ['Enter', keys.send],
    ['Shift + Enter', keys.line],
    ['Esc', keys.stop],
    [`${command} + Shift + C`, keys.copyLast],
    [`? ${or} ${command} + /`, keys.help],
  ];
  return (
    <Dialog title={help} onClose={onClose}>
      <dl class="keys">
        {rows.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      {me.value?.staff_reads_chats && <p class="notice">{strings.value.staffReads}</p>}
    </Dialog>
  );
}
