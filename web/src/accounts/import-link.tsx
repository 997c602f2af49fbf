import { overText } from '../strings/over/over.ts';

/** The way to the page that imports chats of other products. */
export function ImportLink() {
  const text = overText.value.import;
  return (
    <section>
      <h2>{text.title}</h2>
      <p>{text.intro}</p>
      <div class="row">
        <a class="button" href="/import">
          {text.open}
        </a>
      </div>
    </section>
  );
}
