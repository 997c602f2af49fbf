/** Which documents are pages of the site, in the order of the navigation. */
import { globSync } from 'node:fs';

/** A document of the repository and the page that it becomes. */
export interface PageSource {
  /** From the root of the repository. */
  readonly source: string;
  /** From the root of the site. */
  readonly page: string;
  /** Its name in the navigation; by default its title. */
  readonly label?: string;
  /** Not in the navigation itself, but listed on this page. */
  readonly listedOn?: string;
}

interface Section {
  readonly title: string;
  readonly pages: readonly Omit<PageSource, 'page'>[];
}

const SECTIONS: readonly Section[] = [
  {
    title: 'Begin',
    pages: [
      { source: 'docs/start.md', label: 'Start' },
      { source: 'README.md', label: 'Overview' },
    ],
  },
  {
    title: 'Run it',
    pages: [
      { source: 'docs/deployment.md' },
      { source: 'docs/settings.md' },
      { source: 'docs/models.md' },
      { source: 'docs/tools.md', label: 'Tools in chats' },
      { source: 'docs/directories.md', label: 'LDAP and SCIM' },
      { source: 'docs/sign-in.md', label: 'Signing in' },
      { source: 'docs/prices.md', label: 'Prices' },
      { source: 'docs/files.md' },
      { source: 'docs/people.md', label: 'Getting people in' },
      { source: 'docs/limits.md' },
      { source: 'docs/operating.md' },
      { source: 'docs/admin-keys.md' },
      { source: 'docs/second-factors.md' },
      { source: 'docs/appearance.md' },
      { source: 'docs/backups.md' },
      { source: 'docs/moving.md' },
      { source: 'docs/mail.md' },
      { source: 'docs/monitoring.md' },
      { source: 'docs/restarts.md', label: 'Restarts and upgrades' },
      { source: 'docs/scaling.md', label: 'Several servers, scaling' },
      { source: 'docs/security.md' },
      { source: 'docs/data-protection.md' },
    ],
  },
  { title: 'Use it', pages: [{ source: 'docs/api.md', label: 'API' }] },
  {
    title: 'How it is made',
    pages: [
      { source: 'ARCHITECTURE.md' },
      { source: 'docs/decisions', label: 'Decisions' },
      { source: 'bench/results', label: 'Measurements' },
      { source: 'CHANGELOG.md', label: 'Changes' },
    ],
  },
];

/** Folders whose documents are listed on one page, which is made here. */
export const FOLDERS: Readonly<Record<string, string>> = {
  'docs/decisions': '# Decisions\n\nWhy Chit is as it is: what was chosen, rejected and measured.',
  'bench/results': '# Measurements\n\nResults of `npm run bench` and `npm run test:faults`.',
};

/** The site's first page. */
const FIRST = 'docs/start.md';

/**
 * The pages that exist in a checkout, by sections.
 * @param root the folder of the repository
 */
export function sectionsOf(root: string): { title: string; pages: PageSource[] }[] {
  const exists = (source: string) => globSync(source, { cwd: root }).length > 0;
  return SECTIONS.map(({ title, pages }) => {
    const present = pages.filter(({ source }) => exists(source));
    return { title, pages: present.map((it) => ({ ...it, page: pageOf(it.source) })) };
  });
}

/** All pages, those that are only listed on another one included. */
export function pagesOf(root: string): PageSource[] {
  return sectionsOf(root)
    .flatMap(({ pages }) => pages)
    .flatMap((it) => [it, ...(it.source in FOLDERS ? listedIn(root, it.source) : [])]);
}

function listedIn(root: string, folder: string): PageSource[] {
  return globSync(`${folder}/*.md`, { cwd: root })
    .sort()
    .map((source) => ({ source, page: pageOf(source), listedOn: folder }));
}

function pageOf(source: string): string {
  if (source === FIRST) return 'index.html';
  if (source === 'README.md') return 'overview.html';
  const path = source.replace(/^docs\/(?!decisions$)|\.md$/g, '').toLowerCase();
  return `${path.replaceAll('/', '-')}.html`;
}
