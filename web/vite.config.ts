import { defineConfig } from 'vite';

/** The page is built to `web/dist/`, which the server serves; nothing else runs. */
// biome-ignore lint/style/noDefaultExport: Vite looks for the default export of this file.
export default defineConfig({
  root: import.meta.dirname,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: { target: 'es2023', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
});
