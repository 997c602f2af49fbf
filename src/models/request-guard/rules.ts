/** The words of which the tables of members consist. */
import type { Unit } from '../../core/units.ts';
import type { Inspection, Rule } from './inspection.ts';

export type Members = Readonly<Record<string, Rule>>;

/** Larger numbers overflow in some servers, which then have no limit. */
const MAX_COUNT = 2_147_483_647;
/** The most answers that any provider gives to one request (OpenAI's description). */
export const MAX_ANSWERS = 128;

/** Costs nothing that is not seen. */
export const free: Rule = () => undefined;

/** The same rule for each name in a list of words. */
export function each(rule: Rule, names: string): Members {
  return Object.fromEntries(names.split(/\s+/).map((name) => [name, rule]));
}

/** Has usage in units beyond those of text. One price for any of them will do. */
export function uses(feature: string, ...units: [Unit, ...Unit[]]): Rule {
  return (value, inspection) => {
    if (!isEmpty(value)) inspection.needs({ units }, feature);
  };
}

/** Costs what no usage report tells. */
export function unmetered(feature: string): Rule {
  return (value, inspection) => {
    if (!isEmpty(value)) inspection.needs('unmetered', feature);
  };
}

/** Stands for input that is not in the body, and that is no file where files stand. */
export const unseen: Rule = (value, inspection) => {
  if (!isEmpty(value)) inspection.hides();
};

/**
 * Has the provider run a tool, with what that costs.
 * @param calls the most calls of it that the provider documents; undefined without a limit
 */
export function atProvider(calls: number | undefined, ...costs: readonly Rule[]): Rule {
  return (value, inspection) => {
    if (isEmpty(value)) return;
    inspection.runsAtProvider(calls);
    for (const cost of costs) cost(value, inspection);
  };
}

/** A tool with which the model searches the web, as often as it likes. */
export const SEARCH_TOOL: Rule = atProvider(undefined, uses('web_search', 'search'));

/** A search of the web before the model answers. */
export const SEARCH: Rule = atProvider(1, uses('web_search', 'search'), (_, inspection) => {
  inspection.searchesFreely = true;
});

/** Has the model sum its input up before it goes on. */
export function summary(...costs: readonly Rule[]): Rule {
  return (value, inspection) => {
    if (isEmpty(value)) return;
    inspection.sumsUp();
    for (const cost of costs) cost(value, inspection);
  };
}

/** Runs code in a container of the provider. */
export const CODE: Rule = atProvider(undefined, unmetered('code_execution'));

/** Has an effect that Chit has to control itself. */
export function forbidden(advice: string): Rule {
  return (_, inspection) => inspection.refuse(`left out. ${advice}`);
}

/** An integer. Servers read others differently: cut off, rounded, as text, or not at all. */
export function count(least: number, most = MAX_COUNT): Rule {
  return (value, inspection) => {
    if (!Number.isSafeInteger(value) || (value as number) < least || (value as number) > most) {
      return inspection.refuse(`an integer from ${least} to ${most}`);
    }
  };
}

export const flag: Rule = (value, inspection) => {
  if (typeof value !== 'boolean') return inspection.refuse('true or false');
};

/** For an API whose answers come whole. */
export const notStreamed: Rule = (value, inspection) => {
  if (value !== false) return inspection.refuse('false. There are no streams here');
};

export const text: Rule = (value, inspection) => {
  if (typeof value !== 'string') return inspection.refuse('text');
};

/** Null counts as absent where the API does not say otherwise. */
const NOT_NULLABLE = new WeakSet<Rule>();

/** A rule for a member that must not be null. */
export function notNull(rule: Rule): Rule {
  const strict: Rule = (value, inspection) => rule(value, inspection);
  NOT_NULLABLE.add(strict);
  return strict;
}

/** Tokens of thinking, which are part of the output: its limit must be larger. */
export const thinkingBudget: Rule = (value, inspection) => {
  count(0)(value, inspection);
  inspection.thinks(value as number);
};

/** A way of serving that can be dearer. Those that cost as much as usual, or less, are named. */
export function tier(feature: string, plain: string): Rule {
  const plainTiers = new Set(plain.split(/\s+/));
  return (value, inspection) => {
    if (typeof value !== 'string') return inspection.refuse('text');
    if (!plainTiers.has(value)) inspection.needs({ tier: value }, feature);
  };
}

/**
 * A picture or a file: a data URL, or another one, from which the provider fetches it. Base64
 * without a scheme is content too: it has no colon. How many tokens it can have is told by
 * `src/models/input-measure/`.
 */
export const media: Rule = (value, inspection) => {
  if (typeof value !== 'string') return inspection.refuse('text');
  const start = value.slice(0, LONGEST_SCHEME).replaceAll(/[\t\n\r]/g, '');
  if (!start.startsWith('data:') && LOOKS_LIKE_URL.test(start)) inspection.needs('url', 'url');
};

const LONGEST_SCHEME = 64;
/** A scheme (RFC 3986, section 3.1) or a path; parsers skip what stands before it. */
const LOOKS_LIKE_URL = /^[^a-z0-9+/=]*(?:[a-z][a-z0-9+.-]*:|[.~])/i;

/** A URL as text, or as the member `url` of an object. */
export const mediaOrObject: Rule = (value, inspection) => {
  (typeof value === 'string' ? media : MEDIA)(value, inspection);
};

/** A list whose items all have the same rule. */
export function list(rule: Rule): Rule {
  return (value, inspection) => {
    if (!Array.isArray(value)) return inspection.refuse('a list');
    for (let index = 0; index < value.length; index += 1) {
      if (value[index] !== null) inspection.at(index, value[index], rule);
    }
  };
}

/** Text, or a list whose items all have the same rule. */
export function textOrList(rule: Rule): Rule {
  const items = list(rule);
  return (value, inspection) => {
    if (typeof value !== 'string') items(value, inspection);
  };
}

/** An object of which other members cost nothing. */
export function open(members: Members): Rule {
  return objectRule(members, free);
}

/** An object that may have no other members, unless unknown ones pass. */
export function closed(members: Members): Rule {
  return objectRule(members, (_, inspection) => inspection.needs('unknown', 'unknown'));
}

/** The known values of `type`, each with a rule; others are treated as members never heard of. */
export function types(known: Members): Rule {
  return (value, inspection) => {
    if (typeof value !== 'string') return inspection.refuse('text');
    const rule = Object.hasOwn(known, value) ? known[value] : undefined;
    if (rule) {
      rule(value, inspection);
      return;
    }
    inspection.needs('unknown', 'unknown');
    inspection.hides();
  };
}

function objectRule(members: Members, otherwise: Rule): Rule {
  const rules = new Map(Object.entries(members));
  const byFoldedName = new Map(Object.keys(members).map((name) => [folded(name), name]));
  return (value, inspection) => {
    if (!isObject(value)) return inspection.refuse('an object');
    for (const name of Object.keys(value)) {
      const rule = rules.get(name);
      const member = value[name];
      if (rule) {
        if (member !== null || NOT_NULLABLE.has(rule)) inspection.at(name, member, rule);
        continue;
      }
      const known = byFoldedName.get(folded(name));
      if (known !== undefined) inspection.at(name, member, () => inspection.refuseLookalike(known));
      inspection.at(name, member, otherwise);
    }
  };
}

/**
 * A name as the most lenient parsers compare it: Go's `encoding/json` folds case, `ſ` and `K`
 * included; those of protocol buffers take `maxTokens` for `max_tokens`; those in C may stop at a
 * zero byte.
 */
function folded(wholeName: string): string {
  const name = wholeName.slice(0, LONGER_THAN_KNOWN);
  if (IS_PLAIN.test(name)) return name.replaceAll('_', '');
  const [start = ''] = name.split('\0');
  return start
    .toUpperCase()
    .toLowerCase()
    .replaceAll(/[_\s-]/g, '');
}

/** The longest name of a table has less than 40 characters. */
const LONGER_THAN_KNOWN = 64;
const IS_PLAIN = /^[a-z0-9_]*$/;

/** Whether a member asks for nothing: `false`, an empty text or an empty list. */
function isEmpty(value: unknown): boolean {
  return value === false || value === '' || (Array.isArray(value) && value.length === 0);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const MEDIA = open({ url: media, ...each(free, 'detail format uuid') });

export type { Inspection, Rule };
