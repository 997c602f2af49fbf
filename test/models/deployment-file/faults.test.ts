/** What is wrong with `chit.json` is said in sentences, each with its line and column. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeploymentError } from '../../../src/models/deployment-file/deployment-error.ts';
import { readDeployment } from '../../../src/models/deployment-file/read-deployment.ts';

const read = (text: string) => readDeployment(text, { file: 'chit.json', environment: {} });

/** The sentences about a text, without the name of the file. */
function faultsIn(text: string): string[] {
  try {
    read(text);
    return [];
  } catch (error) {
    assert.ok(error instanceof DeploymentError, String(error));
    return error.faults.map((it) => it.replace(/^chit\.json:/, ''));
  }
}

const MODEL = '{ "name": "m", "provider": "built-in", "price": { "perMessage": 1 } }';

const SYNTAX: readonly (readonly [string, string, string])[] = [
  ['nothing at all', ' \n', '1:1: the file is empty.'],
  ['single quotes', `{ 'models': [] }`, `1:3: text takes double quotes ("), not '.`],
  ['typographic quotes', '{ “models”: [] }', '1:3: text takes straight double quotes ("), not “.'],
  [
    'a name without quotes',
    '{ models: [] }',
    '1:3: the name of a member takes double quotes: "models".',
  ],
  [
    'a value without quotes',
    '{\n "defaultModel": small }',
    '2:18: small is no value. Text takes double quotes.',
  ],
  [
    'a secret without quotes',
    '{ "x": sk-0123456789abcdef }',
    '1:8: sk-012345678… is no value. Text takes double quotes.',
  ],
  ['Python’s words', '{ "x": True }', '1:8: True is no value: write true.'],
  ['a comment of a shell', '{ # all\n}', '1:3: a comment begins with //, not with #.'],
  ['an equals sign', '{ "x" = 1 }', '1:7: a member is written "name": value, with a colon.'],
  ['no colon', '{ "x" 1 }', '1:7: a colon is missing between the name of a member and its value.'],
  ['no comma', '{ "x": 1\n  "y": 2 }', '2:3: a comma is missing before this.'],
  ['two commas', '{ "x": 1,, "y": 2 }', '1:10: there is a comma too many.'],
  ['no value', '{ "x": }', '1:8: a value is missing here.'],
  ['a comma in a number', '{ "x": 1,000 }', '1:10: a number has no commas: write 1000, not 1,000.'],
  [
    'an underscore in a number',
    '{ "x": 1_000 }',
    '1:9: this is not a number: write it like 1000 or 0.5.',
  ],
  ['half a number', '{ "x": 1. }', '1:8: this is not a number: write it like 1000 or 0.5.'],
  [
    'no closing quote',
    '{ "x": "small,\n "y": 1 }',
    '1:8: this text has no closing double quote in its line.',
  ],
  [
    'a path of Windows',
    '{ "x": "C:\\chit" }',
    '1:8: in this text, a backslash has to be written twice: \\\\.',
  ],
  ['an open comment', '{ /* "x": 1 }', '1:3: this comment is not closed: */ is missing.'],
  [
    'an open bracket',
    '{\n  "models": [\n    1\n',
    '4:1: the file ends here, but the [ in line 2 is not closed.',
  ],
  ['the wrong bracket', '{\n  "models": [ 1 }\n}', '2:17: this } cannot close the [ in line 2.'],
  ['a bracket too many', '{ "x": 1 } }', '1:12: this } closes nothing.'],
  [
    'more after the end',
    '{ "x": 1 } "y": 2',
    '1:12: the file should end before this: is a bracket closed too early?',
  ],
];

for (const [name, text, fault] of SYNTAX) {
  test(`in words: ${name}`, () => assert.deepEqual(faultsIn(text), [fault]));
}

test('a byte order mark is taken, and no part of the columns', () => {
  assert.equal(read(`\uFEFF{ "models": [${MODEL}] }`).models[0]?.name, 'm');
  assert.match(faultsIn('\uFEFF{ models: [] }')[0] ?? '', /^1:3: /);
});

test('members that are given twice are named with both lines', () => {
  const twice = `{
  "models": [{ "name": "m", "provider": "built-in",
    "price": { "perMessage": 1, "perMessage": 100 },
    "name": "n" }],
  "models": []
}`;
  assert.deepEqual(faultsIn(twice), [
    '5:3: "models" is given twice: here and in line 2.',
    '4:5: "name" is given twice: here and in line 2.',
    '3:33: "perMessage" is given twice: here and in line 3.',
  ]);
});

const withModel = (members: string) =>
  `{"models":[{"name":"m","provider":"built-in","price":{"perMessage":1}${members}}]}`;

test('a model for nobody, and output beyond the context, are named', () => {
  assert.match(faultsIn(withModel(',"allow":[]'))[0] ?? '', /allow: an empty list lets nobody use/);
  const [fault] = faultsIn(withModel(',"contextTokens":1000,"outputTokens":1001'));
  assert.match(fault ?? '', /outputTokens: it is more than "contextTokens", 1000/);
  assert.deepEqual(faultsIn(withModel(',"contextTokens":1000,"outputTokens":1000')), []);
});

const withProvider = (members: string) =>
  `{"providers":{"p":{${members}}},"models":[${MODEL.replace('built-in', 'p')}]}`;
const meantBy = (wire: string, baseUrl: string, more = '') => {
  const [fault] = faultsIn(withProvider(`"wire":"${wire}","baseUrl":"${baseUrl}"${more}`));
  return fault === undefined ? undefined : /Did you mean "(.*?)"\?/.exec(fault)?.[1];
};

test('an address that lacks its /v1, or has one too many, is named with the one that is meant', () => {
  const meant: readonly (readonly [string, string, string | undefined])[] = [
    ['openai', 'https://api.openai.com', 'https://api.openai.com/v1'],
    ['openai', 'https://api.openai.com/v1/chat/completions', 'https://api.openai.com/v1'],
    ['openai', 'https://api.openai.com/v1/', undefined],
    ['openai', 'https://x.openai.azure.com', 'https://x.openai.azure.com/openai/v1'],
    ['openai', 'https://x.openai.azure.com/openai/v1', undefined],
    ['openai', 'https://openrouter.ai/v1', 'https://openrouter.ai/api/v1'],
    ['openai', 'https://openrouter.ai/api', 'https://openrouter.ai/api/v1'],
    ['openai', 'https://api.groq.com/v1', 'https://api.groq.com/openai/v1'],
    [
      'openai',
      'https://generativelanguage.googleapis.com/v1beta',
      'https://generativelanguage.googleapis.com/v1beta/openai',
    ],
    ['openai', 'https://api.deepseek.com', undefined],
    ['openai', 'https://api.perplexity.ai', undefined],
    ['openai', 'http://localhost:11434', 'http://localhost:11434/v1'],
    ['openai', 'http://gpu:8000', 'http://gpu:8000/v1'],
    ['openai', 'http://gpu:8000/inference', undefined],
    ['openai', 'http://ada:secret@gpu:8000', 'http://(hidden)@gpu:8000/v1'],
    ['anthropic', 'https://api.anthropic.com/v1', 'https://api.anthropic.com'],
    ['anthropic', 'https://api.anthropic.com/v1/messages', 'https://api.anthropic.com'],
    ['anthropic', 'https://api.anthropic.com', undefined],
  ];
  for (const [wire, baseUrl, expected] of meant) {
    assert.equal(meantBy(wire, baseUrl), expected, `${wire} ${baseUrl}`);
  }
  assert.equal(meantBy('openai', 'http://gpu:8000', ',"kind":"other"'), undefined);
  assert.equal(meantBy('openai', 'http://gpu:8080', ',"kind":"llama.cpp"'), undefined);
});

test('the kind of a provider is told from its host, or said; it decides what passes', () => {
  const provider = (baseUrl: string, more = '') => {
    const members = `"wire":"openai","baseUrl":"${baseUrl}"${more}`;
    const { kind, unknownMembers } = read(withProvider(members)).providers[0] ?? {};
    return [kind, unknownMembers];
  };
  assert.deepEqual(provider('https://api.openai.com/v1'), ['openai', 'pass']);
  assert.deepEqual(provider('https://eu.api.openai.com/v1'), ['openai', 'pass']);
  assert.deepEqual(provider('https://my.openai.azure.com/openai/v1'), ['azure', 'pass']);
  assert.deepEqual(provider('https://openrouter.ai/api/v1'), ['openrouter', 'refuse']);
  assert.deepEqual(provider('https://api.x.ai/v1'), ['xai', 'refuse']);
  assert.deepEqual(provider('https://api.mistral.ai/v1'), ['mistral', 'refuse']);
  assert.deepEqual(provider('http://ollama:11434/v1'), ['ollama', 'refuse']);
  assert.deepEqual(provider('http://127.0.0.1:1234/v1'), ['lmstudio', 'refuse']);
  assert.deepEqual(provider('https://api.openai.com.example.com/v1'), ['other', 'refuse']);
  assert.deepEqual(provider('http://gpu:8000/v1', ',"kind":"vllm"'), ['vllm', 'refuse']);
  assert.deepEqual(provider('http://gpu:8000/v1', ',"unknownMembers":"pass"'), ['other', 'pass']);
  assert.match(
    faultsIn(withProvider('"wire":"openai","baseUrl":"http://x/v1","kind":"chatgpt"'))[0] ?? '',
    /providers\.p\.kind: it must be "openai" or "azure" or /,
  );
});

test('without a word about it, whole answers may take ten minutes and streams begin in one', () => {
  const timeouts = (more: string) => {
    const [it] = read(withProvider(`"wire":"openai","baseUrl":"http://x/v1"${more}`)).providers;
    return [it?.headersTimeoutMs, it?.streamHeadersTimeoutMs];
  };
  assert.deepEqual(timeouts(''), [600_000, 60_000]);
  assert.deepEqual(timeouts(',"headersTimeoutSeconds":7'), [7_000, 7_000]);
});

test('aliases name models on offer and are no names of models', () => {
  const withAliases = (aliases: string) => `{"models":[${MODEL}],"aliases":{${aliases}}}`;
  assert.deepEqual(read(withAliases('"gpt-4o":"m"')).aliases, { 'gpt-4o': 'm' });
  assert.deepEqual(faultsIn(withAliases('"gpt-4o":"n","m":"m","a b":"m"')), [
    '1:103: aliases.gpt-4o: there is no model "n". Did you mean "m"?',
    '1:111: aliases.m: there is a model "m" as well.',
    '1:121: aliases.a b: the name "a b" must have no white space, and 1 to 200 characters.',
  ]);
});

test('whatever is wrong, at whatever place, is said in a sentence with its place', () => {
  const whole = `// All
{ "providers": { "p": { "wire": "openai", "baseUrl": "http://x/v1", "headers": { "a": "b\\n" } } },
  "models": [ ${MODEL}, /* and */ { "name": "n", "provider": "p", "allow": ["ada"],
    "price": { "perMillionInput": 250, "perMillionOutput": "free" } }, ],
  "aliases": { "o": "m" } }`;
  assert.deepEqual(faultsIn(whole), []);
  for (let at = 0; at <= whole.length; at += 1) {
    const rest = whole.slice(at + 1);
    for (const put of ['', ...'"{}[],:\\/\'x-0\n\uFEFF']) {
      const text = whole.slice(0, at) + put + rest;
      for (const fault of faultsIn(text)) {
        assert.match(fault, /^\d+:\d+: [^\n]+[.?]$/, JSON.stringify(text.slice(at - 9, at + 9)));
      }
    }
  }
});
