/** A part of a text with its matches marked. */
export function Snippet(props: {
  text: string;
  ranges: readonly (readonly number[])[];
  class?: string;
}) {
  const { text, ranges } = props;
  const parts: (string | preact.JSX.Element)[] = [];
  let end = 0;
  for (const [from = 0, to = 0] of ranges) {
    parts.push(text.slice(end, from), <mark key={from}>{text.slice(from, to)}</mark>);
    end = to;
  }
  parts.push(text.slice(end));
  return (
    <span class={props.class ?? 'snippet'} dir="auto">
      {parts}
    </span>
  );
}
