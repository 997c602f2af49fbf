const ENDINGS: Readonly<Record<string, string>> = {
  bash: 'sh',
  'c++': 'cpp',
  csharp: 'cs',
  dockerfile: 'dockerfile',
  golang: 'go',
  javascript: 'js',
  kotlin: 'kt',
  markdown: 'md',
  perl: 'pl',
  python: 'py',
  ruby: 'rb',
  rust: 'rs',
  shell: 'sh',
  swift: 'swift',
  typescript: 'ts',
};

/** The name of a file for a block of code. A short language is its own ending. */
export function fileNameFor(language: string): string {
  const name = language.toLowerCase();
  return `code.${ENDINGS[name] ?? (/^[a-z]\w{0,4}$/.test(name) ? name : 'txt')}`;
}
