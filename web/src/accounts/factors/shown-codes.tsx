import { saveFile } from '../../api/download.ts';
import { factorsText } from '../../strings/factors/factors.ts';
import { CopyButton } from '../../ui/copy-button.tsx';

/** Recovery codes, which are shown this once. */
export function ShownCodes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  const text = factorsText.value;
  const all = `${codes.join('\n')}\n`;
  const file = new Blob([all], { type: 'text/plain' });
  return (
    <div class="notice recovery-codes">
      <h3>{text.newCodes}</h3>
      <p>{text.newCodesText}</p>
      <ul>
        {codes.map((it) => (
          <li key={it}>
            <code>{it}</code>
          </li>
        ))}
      </ul>
      <div class="row">
        <CopyButton text={all} label={text.copyCodes} />
        <button type="button" onClick={() => saveFile(file, text.codesFile)}>
          {text.saveCodes}
        </button>
        <button type="button" class="primary" onClick={onKept}>
          {text.kept}
        </button>
      </div>
    </div>
  );
}
