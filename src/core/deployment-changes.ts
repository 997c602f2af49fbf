/** What differs between two versions of `chit.json`, as a person would list it. */
import { withoutPassword } from './hidden-password.ts';

/** A member that differs. */
export interface DeploymentChange {
  /** Such as `models.small.price.perMessage`; models are told by their names. */
  readonly member: string;
  /** undefined if it was not there. */
  readonly before: string | undefined;
  /** undefined if it is not there any more. */
  readonly after: string | undefined;
}

const HIDDEN = '(hidden)';

/**
 * Every member that differs, in the order of the file. What may be a secret is hidden: headers, and
 * passwords in URLs.
 * @param before what the file said, as JSON has it; undefined if there was none
 */
export function deploymentChanges(before: unknown, after: unknown): DeploymentChange[] {
  const old = new Map(membersOf(before, ''));
  const now = new Map(membersOf(after, ''));
  const changes: DeploymentChange[] = [];
  for (const member of new Set([...old.keys(), ...now.keys()])) {
    const [from, to] = [old.get(member), now.get(member)];
    if (from === to) continue;
    changes.push({ member, before: shown(member, from), after: shown(member, to) });
  }
  return changes;
}

/** All members of a value that are no objects, each with its path. */
function membersOf(value: unknown, path: string): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[path, String(value)]];
  const below = (name: string) => (path === '' ? name : `${path}.${name}`);
  if (!Array.isArray(value)) {
    return Object.entries(value).flatMap(([name, it]) => membersOf(it, below(name)));
  }
  if (value.every((it) => typeof it !== 'object')) return [[path, value.join(', ')]];
  const names = value.map((it, index) => nameOf(it) ?? String(index));
  return [
    ...value.flatMap((it, index) => membersOf(unnamed(it), below(names[index] as string))),
    // They are shown in this order.
    [below('order'), names.join(', ')],
  ];
}

function nameOf(value: unknown): string | undefined {
  const { name } = value as { readonly name?: unknown };
  return typeof name === 'string' ? name : undefined;
}

/** Without the name, which is in the path. */
function unnamed(value: unknown): unknown {
  if (nameOf(value) === undefined) return value;
  return Object.fromEntries(Object.entries(value as object).filter(([key]) => key !== 'name'));
}

function shown(member: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (/\.headers\./i.test(member)) return HIDDEN;
  return /^https?:/i.test(text) ? withoutPassword(text) : text;
}
