import { number } from '../../strings/strings.ts';
import { words } from '../words/words.ts';

/**
 * What a file of people comes to, in numbers: those that are not 0, and always the first.
 * @param labels in the order in which they are shown
 */
export function Counts<Name extends string>(props: {
  labels: Readonly<Record<Name, string>>;
  counts: Readonly<Record<NoInfer<Name>, number>>;
  newGroups: readonly string[];
}) {
  const { labels, counts, newGroups } = props;
  const names = Object.keys(labels) as Name[];
  const shown = names.filter((it, index) => index === 0 || counts[it] > 0);
  return (
    <>
      <dl class="facts">
        {shown.map((it) => (
          <div key={it}>
            <dt>{labels[it]}</dt>
            <dd>{number(counts[it])}</dd>
          </div>
        ))}
      </dl>
      {newGroups.length > 0 && (
        <p class="hint">{words.value.importNewGroups(newGroups.join(', '))}</p>
      )}
    </>
  );
}
