import { words } from '../words/words.ts';
import { textOf } from './access-csv.ts';

/** A file of people, chosen or pasted. */
export function CsvFields(props: {
  csv: string;
  example: string;
  onChange: (csv: string) => void;
}) {
  const read = async (file: File | undefined) => {
    if (file) props.onChange(await textOf(file));
  };
  return (
    <>
      <label>
        {words.value.importFile}
        <input
          type="file"
          accept=".csv,.txt,text/csv,text/plain"
          onChange={(event) => void read(event.currentTarget.files?.[0])}
        />
      </label>
      <label>
        {words.value.importContent}
        <textarea
          rows={10}
          required
          spellcheck={false}
          placeholder={props.example}
          value={props.csv}
          onInput={(event) => props.onChange(event.currentTarget.value)}
        />
      </label>
    </>
  );
}
