import type { MouseEventHandler, Ref } from 'preact';

/** A box that selects rows of a table; fingers may press around it. */
export function SelectBox(props: {
  /** What it selects. */
  label: string;
  checked: boolean;
  disabled?: boolean;
  tabIndex?: number;
  boxRef?: Ref<HTMLInputElement>;
  onClick?: MouseEventHandler<HTMLInputElement>;
  onChange?: () => void;
}) {
  const { label, boxRef, ...input } = props;
  return (
    <label class="check-target">
      <input type="checkbox" ref={boxRef ?? null} aria-label={label} {...input} />
    </label>
  );
}
