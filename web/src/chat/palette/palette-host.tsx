import { signal } from '@preact/signals';
import { jump } from '../../state/jump.ts';
import { laterPart } from '../../ui/later-part.tsx';

const isOpen = signal(false);
const load = () => import('./palette.tsx');
const Palette = laterPart(async () => (await load()).Palette);
const JumpHost = laterPart(async () => (await import('./jump-host.tsx')).JumpHost);

/** Opens the search for chats and commands. */
export function openPalette(): void {
  isOpen.value = true;
}

/** Loads its code, since what is typed at once would go elsewhere. */
export function preparePalette(): void {
  load().catch(() => undefined);
}

/** The search for chats and commands while it is open, and the way to what it has found. */
export function PaletteHost({ onHelp }: { onHelp: () => void }) {
  const close = () => {
    isOpen.value = false;
  };
  return (
    <>
      {isOpen.value && <Palette onClose={close} onHelp={onHelp} />}
      {jump.value && <JumpHost />}
    </>
  );
}
