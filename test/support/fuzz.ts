/** Random requests near what the API takes: fast-check makes them, from a seed. */
import fc from 'fast-check';

export interface FuzzedRequest {
  readonly contentType: string | undefined;
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

const BOUNDARY = 'XBOUNDX';
const JSON_TYPE = 'application/json';
const FORM = 'application/x-www-form-urlencoded';
const MULTIPART = `multipart/form-data; boundary=${BOUNDARY}`;

const fieldName = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('message', 'refresh', 'token') },
  { weight: 1, arbitrary: fc.constantFrom('old_password', 'new_password', 'tokens', 'id') },
  { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', '', '0') },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
);

const text = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('', ' ', '\0', '\ud800', 'a.b.c', '{}', '%00', 'é', '😀'),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 500, maxLength: 3_000 }) },
);

const value: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: text },
  { weight: 1, arbitrary: fc.constantFrom(null, true, false, 0, -1, 1e308, [], {}) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
);

/**
 * A name and a password. Well-formed ones cost a hash each, so they are few: names to sign up with
 * are rare, and one name to guess at is limited after ten tries.
 */
const credentials: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  { weight: 60, arbitrary: fc.record({ username: value }) },
  { weight: 60, arbitrary: fc.record({ username: value, password: fc.constantFrom('', null, 1) }) },
  { weight: 1, arbitrary: fc.record({ username: text, password: text }) },
);

/** An object with fields that the API knows and others. */
function fields(tokens: readonly string[]): fc.Arbitrary<Record<string, unknown>> {
  const known = fc.dictionary(fieldName, fc.oneof(value, fc.constantFrom(...tokens)), {
    maxKeys: 5,
    noNullPrototype: true,
  });
  return fc.oneof(known, known, credentials);
}

/** Bodies with the type that fits them. */
function bodies(tokens: readonly string[]): fc.Arbitrary<{ type: string; body: Buffer }> {
  const entries = fields(tokens).map((it) =>
    Object.entries(it).map(([name, value]): [string, string] => [name, asText(value)]),
  );
  const as = (type: string) => (body: string) => ({ type, body: Buffer.from(body) });
  return fc.oneof(
    { weight: 4, arbitrary: fields(tokens).map((it) => as(JSON_TYPE)(JSON.stringify(it))) },
    { weight: 2, arbitrary: entries.map((it) => as(FORM)(new URLSearchParams(it).toString())) },
    { weight: 2, arbitrary: entries.map((it) => as(MULTIPART)(multipart(it))) },
    { weight: 1, arbitrary: fc.json({ maxDepth: 6 }).map(as(JSON_TYPE)) },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constantFrom(JSON_TYPE, FORM, MULTIPART),
        body: fc.uint8Array({ maxLength: 300 }).map((it) => Buffer.from(it)),
      }),
    },
  );
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function multipart(entries: readonly [string, string][]): string {
  const parts = entries.map(
    ([name, value]) =>
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  return `${parts.join('')}--${BOUNDARY}--\r\n`;
}

/** Now and then a body is cut, or a byte of it is another. */
const damage = fc.record({
  kind: fc.constantFrom('none', 'none', 'none', 'none', 'cut', 'byte'),
  at: fc.nat(400),
  byte: fc.nat(255),
});

const headerText = fc.string({ unit: 'grapheme-ascii', maxLength: 40 }).map((it) => it.trim());
const contentType = fc.oneof(
  { weight: 6, arbitrary: fc.constant('fitting') },
  { weight: 1, arbitrary: fc.constantFrom(JSON_TYPE, FORM, MULTIPART, 'multipart/form-data') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('text/plain', 'a/b; charset=x', `${JSON_TYPE}; charset=é`),
  },
  { weight: 1, arbitrary: fc.option(headerText, { nil: undefined }) },
);

/** @param accessToken is sent with most requests; all tokens also turn up in bodies */
export function fuzzedRequest(
  accessToken: string,
  tokens: readonly string[],
): fc.Arbitrary<FuzzedRequest> {
  const authorization = fc.oneof(
    { weight: 8, arbitrary: fc.constant(`Bearer ${accessToken}`) },
    { weight: 1, arbitrary: headerText },
    { weight: 1, arbitrary: headerText.map((it) => `Bearer ${it}`) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
  const headerName = fc.constantFrom('accept', 'content-encoding', 'cookie', 'x-forwarded-for');
  return fc
    .record({
      fitting: bodies([accessToken, ...tokens]),
      damage,
      contentType,
      authorization,
      extra: fc.dictionary(headerName, headerText, { maxKeys: 2, noNullPrototype: true }),
    })
    .map(({ fitting, damage: { kind, at, byte }, contentType, authorization, extra }) => {
      let { body } = fitting;
      if (kind === 'cut') body = body.subarray(0, at);
      if (kind === 'byte' && at < body.length) body[at] = byte;
      return {
        contentType: contentType === 'fitting' ? fitting.type : contentType,
        body,
        headers: authorization === undefined ? extra : { ...extra, authorization },
      };
    });
}
