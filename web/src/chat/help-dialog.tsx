import { me } from '../state/account.ts';
import { strings } from '../strings/strings.ts';
import { Dialog } from '../ui/dialog.tsx';

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** The keyboard shortcuts. */
export function HelpDialog({ onClose }: { onClose: () => void }) {
  const { keys, help, or, keyNames } = strings.value;
  const command = isMac ? '⌘' : keyNames.ctrl;
  const { shift, enter } = keyNames;
  const rows: [string, string][] = [
    [`${command} + ${shift} + O`, keys.newChat],
    [`${command} + K`, keys.search],
    ['/', keys.focus],
    ['/', keys.prompts],
    [enter, keys.send],
    [`${shift} + ${enter}`, keys.line],
    [keyNames.escape, keys.stop],
    [`${command} + ${shift} + C`, keys.copyLast],
    ['F2', keys.rename],
    [`? ${or} ${command} + /`, keys.help],
  ];
  return (
    <Dialog title={help} onClose={onClose}>
      <dl class="keys">
        {rows.map(([key, meaning]) => (
          <div key={meaning}>
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
