/** Icons, as paths in a square of 20. The button that has one also has the label. */
export const ICON_PATHS = {
  menu: 'M3 6h14M3 10h14M3 14h14',
  plus: 'M10 4v12M4 10h12',
  send: 'M10 16V4M5 9l5-5 5 5',
  more: 'M4.5 10h.01M10 10h.01M15.5 10h.01',
  left: 'M12 5l-5 5 5 5',
  right: 'M8 5l5 5-5 5',
  down: 'M5 8l5 5 5-5',
  link: 'M8 12l4-4M7 9l-2 2a2.8 2.8 0 0 0 4 4l2-2M9 7l2-2a2.8 2.8 0 0 1 4 4l-2 2',
  tool: 'M12.5 3.6a4 4 0 0 0-5 5L3.4 13l2.7 2.7 4.2-4.3a4 4 0 0 0 5-5L13 9l-2-2z',
  tune: 'M3 6h8M15 6h2M3 14h2M9 14h8M11 4v4M5 12v4',
  clip: 'M15.5 9.5L10 15a3.5 3.5 0 01-5-5l6-6a2.4 2.4 0 013.4 3.4l-6 6a1.2 1.2 0 01-1.7-1.7L12 7',
  check: 'M4.5 10.5l3.5 3.5 7.5-8',
  close: 'M5 5l10 10M15 5L5 15',
  copy: 'M7.5 7.5h8.5v8.5H7.5zM12.5 7.5V4H4v8.5h3.5',
  again: 'M16 5v4h-4M16 9a6.2 6.2 0 1 0 .2 2.5',
  pencil: 'M4 16l.8-3.4L13.2 4.2l2.6 2.6-8.4 8.4zM11.4 6l2.6 2.6',
  trash: 'M4 6h12M8 6V4h4v2M5.5 6l.7 10h7.6l.7-10M8.5 9v4M11.5 9v4',
  download: 'M10 3.5v9M6 9l4 4 4-4M4 16.5h12',
  search: 'M9 3.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11M13 13l3.5 3.5',
  sidebar: 'M3.5 4.5h13v11h-13zM8 4.5v11',
  wrap: 'M3 5h14M3 10h10.5a2.5 2.5 0 0 1 0 5H10M12 13l-2 2 2 2M3 15h3',
  person: 'M10 3.5a3 3 0 1 1 0 6 3 3 0 0 1 0-6M4 16.5c.6-3 3-4.5 6-4.5s5.4 1.5 6 4.5',
  receipt: 'M5 3.5h10v13l-2-1.3-1.5 1.3-1.5-1.3-1.5 1.3L7 15.2l-2 1.3zM8 7.5h4M8 10.5h4',
  keyboard: 'M2.5 5.5h15v9h-15zM5.5 8.5h.01M8.5 8.5h.01M11.5 8.5h.01M14.5 8.5h.01M7 11.5h6',
  gear: 'M4 7h7M15 7h1M4 13h1M9 13h7M11 5v4M13 5v4h-2V5zM5 11v4h2v-4z',
  prompts: 'M4 3.5h12v13H4zM7 7h6M7 10h6M7 13h3.5',
  mic: 'M10 3.5a2 2 0 0 1 2 2v4a2 2 0 0 1-4 0v-4a2 2 0 0 1 2-2M5 9.5a5 5 0 0 0 10 0M10 14.5V17',
  speaker: 'M3.5 8v4h3l4 3.5v-11l-4 3.5zM13 7.5a3.5 3.5 0 0 1 0 5M15 5.5a6.3 6.3 0 0 1 0 9',
  pin: 'M7.5 3.5h5l-.6 5 2.6 2.5v1h-9v-1L8.1 8.5zM10 12v5',
  box: 'M3.5 4h13v3.5h-13zM4.5 7.5V16h11V7.5M8 10.5h4',
  command: 'M4.5 6l4 4-4 4M10.5 14.5h5.5',
  folder: 'M3 5h5l1.5 2H17v9H3z',
  timer: 'M10 6a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11M10 9v2.8l1.8 1.2M8 3h4',
  leave: 'M8 3.5H4v13h4M8.5 10H16M13 7l3 3-3 3',
} as const;

export type IconName = keyof typeof ICON_PATHS;

/** An icon. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={ICON_PATHS[name]} />
    </svg>
  );
}
