import { factorsText } from '../../strings/factors/factors.ts';
import { CopyButton } from '../../ui/copy-button.tsx';

/** Recovery codes, which are shown this once. */
export function ShownCodes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  const text = factorsText.value;
  const all = `${codes.join('\n')}\n`;
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
        <a
          class="button"
          download={text.codesFile}
          href={`data:text/plain;charset=utf-8,${encodeURIComponent(all)}`}
        >
          {text.saveCodes}
        </a>
        <button type="button" class="primary" onClick={onKept}>
          {text.kept}
        </button>
      </div>
    </div>
  );
}
