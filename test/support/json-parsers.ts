/** Parsers as servers have them, which differ in what they make of a member given twice. */

/** A value of JSON in which an object is the list of its members, as they are written. */
export type Written = string | number | boolean | null | readonly Written[] | WrittenObject;

export class WrittenObject {
  readonly members: readonly (readonly [string, Written])[];

  constructor(members: readonly (readonly [string, Written])[]) {
    this.members = members;
  }

  /** As JavaScript and Python read it. */
  last(name: string): Written | undefined {
    return this.members.findLast(([it]) => it === name)?.[1];
  }

  /** As some C and Rust libraries read it. */
  first(name: string): Written | undefined {
    return this.members.find(([it]) => it === name)?.[1];
  }

  /** As Go's `encoding/json` reads it. */
  withoutCase(name: string): Written | undefined {
    const folded = (it: string) => it.toUpperCase().toLowerCase();
    return this.members.findLast(([it]) => folded(it) === folded(name))?.[1];
  }

  /** As parsers of protocol buffers read it, which know each name in two spellings. */
  inTwoSpellings(name: string): Written | undefined {
    const camel = name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    return this.members.findLast(([it]) => it === name || it === camel)?.[1];
  }
}

/** Parses valid JSON without losing members that come twice. */
export function parseWritten(json: string): Written {
  let at = 0;
  const skip = () => {
    while (/\s/.test(json[at] ?? '')) at += 1;
  };
  const scalar = (): Written => {
    const [text = ''] = /^(?:"(?:[^"\\]|\\.)*"|[^\s,\]}]+)/.exec(json.slice(at)) ?? [];
    at += text.length;
    return JSON.parse(text) as Written;
  };
  const items = <Item>(close: string, read: () => Item): Item[] => {
    const found: Item[] = [];
    at += 1;
    for (skip(); json[at] !== close; skip()) {
      if (json[at] === ',') at += 1;
      skip();
      found.push(read());
    }
    at += 1;
    return found;
  };
  const value = (): Written => {
    skip();
    if (json[at] === '[') return items(']', value);
    if (json[at] !== '{') return scalar();
    return new WrittenObject(
      items('}', () => {
        const name = scalar() as string;
        skip();
        at += 1;
        return [name, value()] as const;
      }),
    );
  };
  return value();
}
