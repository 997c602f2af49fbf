/** Heads of columns. */
export function Heads({
  names,
  isNumber = false,
}: {
  names: readonly string[];
  isNumber?: boolean;
}) {
  return (
    <>
      {names.map((name) => (
        <th key={name} class={isNumber ? 'number' : undefined}>
          {name}
        </th>
      ))}
    </>
  );
}
