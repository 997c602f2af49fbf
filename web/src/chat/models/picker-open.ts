import { signal } from '@preact/signals';

/** Whether the choice of models is open. */
export const isPickerOpen = signal(false);
