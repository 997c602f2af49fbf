/** Exports of other products, as chats; hostile files are refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { strToU8, zipSync } from 'fflate';
import { batchesOf } from '../../../web/src/chat-import/batches.ts';
import type { ImportedChat } from '../../../web/src/chat-import/chats.ts';
import { readExport } from '../../../web/src/chat-import/read-export.ts';

const blob = (value: unknown) => new Blob([JSON.stringify(value)]);
const at = (seconds: number) => 1_700_000_000 + seconds;
const iso = (seconds: number) => new Date(at(seconds) * 1000).toISOString();

function gptNode(id: string, parent: string | null, role: string, parts: unknown[], more = {}) {
  const content = {
    content_type: parts.some((it) => typeof it !== 'string') ? 'multimodal_text' : 'text',
    parts,
  };
  const message = {
    id,
    author: { role },
    create_time: at(id.length),
    content,
    recipient: 'all',
    ...more,
  };
  return [id, { id, parent, children: [], message }];
}

const CHATGPT = {
  conversation_id: 'gpt-1',
  title: 'Trip to Rome',
  create_time: at(0),
  update_time: at(900),
  current_node: 'a2b',
  mapping: Object.fromEntries([
    ['root', { id: 'root', parent: null, message: null, children: [] }],
    gptNode('sys', 'root', 'system', ['']),
    gptNode('u1', 'sys', 'user', ['Where to?', { content_type: 'image_asset_pointer' }]),
    gptNode('a1', 'u1', 'assistant', ['Rome.'], { metadata: { model_slug: 'gpt-4o' } }),
    gptNode('a1x', 'u1', 'assistant', ['Paris.']),
    gptNode('u2', 'a1', 'user', ['When?']),
    gptNode('t1', 'u2', 'assistant', ['search()'], { recipient: 'browser' }),
    gptNode('t2', 't1', 'tool', ['found']),
    gptNode('a2', 't2', 'assistant', ['In May,']),
    gptNode('a2b', 'a2', 'assistant', ['or in June.']),
    gptNode('u3', 'a1', 'user', ['And how?']),
  ]),
};

/** What a chat says: each message with its parent and its reply. */
const said = ({ messages }: ImportedChat) =>
  messages.map(({ id, parent, content, reply }) => [id, parent?.id ?? null, content, reply]);

test('ChatGPT: its tree, with what was regenerated, edited and looked up', async () => {
  const read = await readExport(blob([CHATGPT]));
  assert.equal(read.source, 'chatgpt');
  const [chat] = read.chats as [ImportedChat];
  assert.deepEqual(said(chat), [
    ['a1', null, 'Where to?', 'Rome.'],
    ['a2', 'a1', 'When?', 'In May,\n\nor in June.'],
    ['u3', 'a1', 'And how?', ''],
    ['a1x', null, 'Where to?', 'Paris.'],
  ]);
  assert.deepEqual(
    [chat.title, chat.leaf?.id, chat.messages[0]?.model],
    ['Trip to Rome', 'a2', 'gpt-4o'],
  );
  assert.deepEqual([chat.created_ms, chat.updated_ms], [at(0) * 1000, at(900) * 1000]);
  for (const { parent, created_ms: ms } of chat.messages) assert.ok(ms > (parent?.created_ms ?? 0));
  assert.equal(read.leftOut.files, 1);
});

test('Claude: one after another, and as a tree', async () => {
  const message = (uuid: string, sender: string, text: string, more = {}) => ({
    uuid,
    sender,
    text,
    content: [
      { type: 'thinking', thinking: 'hm' },
      { type: 'text', text },
    ],
    created_at: iso(uuid.length),
    attachments: [],
    files: [],
    ...more,
  });
  const linear = {
    uuid: 'c-1',
    name: 'Plain',
    created_at: iso(0),
    updated_at: iso(5),
    account: {},
    chat_messages: [
      message('m1', 'human', 'Hi', {
        attachments: [{ file_name: 'a.txt', extracted_content: 'text of it' }],
        files: [{ file_name: 'p.png' }],
      }),
      message('m2', 'assistant', 'Hello'),
    ],
  };
  const tree = {
    uuid: 'c-2',
    name: '',
    created_at: iso(0),
    updated_at: iso(5),
    current_leaf_message_uuid: 'n2',
    chat_messages: [
      message('n1', 'human', 'One', {
        parent_message_uuid: '00000000-0000-4000-8000-000000000000',
      }),
      message('n2', 'assistant', 'First', { parent_message_uuid: 'n1' }),
      message('n3', 'assistant', 'Second', { parent_message_uuid: 'n1' }),
    ],
  };
  const { source, chats, leftOut } = await readExport(
    blob([linear, tree, { uuid: 'c-3', chat_messages: [] }]),
  );
  assert.equal(source, 'claude');
  assert.deepEqual(chats.map(said), [
    [['m2', null, 'Hi\n\n```\ntext of it\n```', 'Hello']],
    [
      ['n2', null, 'One', 'First'],
      ['n3', null, 'One', 'Second'],
    ],
  ]);
  assert.equal(chats[1]?.leaf?.id, 'n2');
  assert.deepEqual([leftOut.files, leftOut.empty], [1, 1]);
});

test('Open WebUI: its history, without what the model thought, and the old list', async () => {
  const node = (id: string, parentId: string | null, role: string, content: string) => [
    id,
    { id, parentId, childrenIds: [], role, content, timestamp: at(id.length), model: 'llama3' },
  ];
  const thought =
    '<details type="reasoning" done="true">\n<summary>Thought</summary>\n> hm\n</details>\n';
  const chat = {
    id: 'w-1',
    title: 'Local',
    created_at: at(0),
    updated_at: at(9),
    chat: {
      params: { system: 'Be brief.' },
      history: {
        currentId: 'a1',
        messages: Object.fromEntries([
          node('u1', null, 'user', 'Hello'),
          node('a1', 'u1', 'assistant', `${thought}Hi`),
          node('a2', 'u1', 'assistant', 'Hey'),
        ]),
      },
    },
  };
  const old = {
    id: 'w-2',
    title: 'Old',
    chat: {
      messages: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: 'b' },
      ],
    },
  };
  const { source, chats } = await readExport(blob([chat, old]));
  assert.equal(source, 'open_webui');
  assert.deepEqual(chats.map(said), [
    [
      ['a1', null, 'Hello', 'Hi'],
      ['a2', null, 'Hello', 'Hey'],
    ],
    [['1', null, 'a', 'b']],
  ]);
  assert.deepEqual([chats[0]?.system_prompt, chats[0]?.leaf?.id], ['Be brief.', 'a1']);
});

test('LibreChat: flat and nested', async () => {
  const message = (messageId: string, isCreatedByUser: boolean, text: string, more = {}) => ({
    messageId,
    isCreatedByUser,
    text,
    createdAt: iso(messageId.length),
    model: 'gpt-4',
    ...more,
  });
  const flat = {
    conversationId: 'l-1',
    title: 'Flat',
    options: { promptPrefix: 'Rhyme.' },
    messages: [
      message('u', true, 'Q', { parentMessageId: '00000000-0000-0000-0000-000000000000' }),
      message('a', false, '', {
        parentMessageId: 'u',
        content: [
          { type: 'think', think: 'x' },
          { type: 'text', text: { value: 'A' } },
        ],
      }),
    ],
  };
  const { source, chats } = await readExport(blob(flat));
  assert.equal(source, 'librechat');
  assert.deepEqual(chats.map(said), [[['a', null, 'Q', 'A']]]);
  assert.equal(chats[0]?.system_prompt, 'Rhyme.');
  const nested = {
    conversationId: 'l-2',
    recursive: true,
    messages: [
      message('u', true, 'Q', {
        children: [
          message('a', false, 'A', { children: [message('v', true, 'R')] }),
          message('b', false, 'B'),
        ],
      }),
    ],
  };
  assert.deepEqual((await readExport(blob(nested))).chats.map(said), [
    [
      ['a', null, 'Q', 'A'],
      ['v', 'a', 'R', ''],
      ['b', null, 'Q', 'B'],
    ],
  ]);
});

test('in a zip, also in several files; pictures are passed over', async () => {
  const zip = zipSync({
    'user.json': strToU8('{"id":"user-1"}'),
    'conversations-000.json': strToU8(JSON.stringify([CHATGPT])),
    'conversations-001.json': strToU8(JSON.stringify([{ ...CHATGPT, conversation_id: 'gpt-2' }])),
    'picture.png': new Uint8Array(50_000),
  });
  const { chats } = await readExport(new Blob([zip as Uint8Array<ArrayBuffer>]));
  assert.deepEqual(
    chats.map(({ id }) => id),
    ['gpt-1', 'gpt-2'],
  );
});

test('a bomb, a torn archive, another file: refused by what is wrong', async () => {
  const bomb = zipSync({ 'conversations.json': new Uint8Array(8_000_000) });
  assert.ok(bomb.length < 20_000);
  const faultOf = (file: Blob, limit?: number) =>
    readExport(file, limit).then(
      () => 'read',
      (error) => error.fault as string,
    );
  const bytes = (it: Uint8Array) => new Blob([it as Uint8Array<ArrayBuffer>]);
  assert.equal(await faultOf(bytes(bomb), 1_000_000), 'too_large');
  assert.equal(await faultOf(new Blob(['x'.repeat(2_000)]), 1_000), 'too_large');
  const torn = zipSync({ 'conversations.json': strToU8(JSON.stringify([CHATGPT])) });
  assert.equal(await faultOf(bytes(torn.slice(0, 200))), 'damaged');
  assert.equal(await faultOf(new Blob(['{"a":'])), 'damaged');
  for (const other of [{}, [], [1, null, 'x'], { mapping: 3 }, [{ chat_messages: 'x' }], null]) {
    assert.equal(await faultOf(blob(other)), 'not_an_export');
  }
});

test('circles, orphans, absurd values and very long chats do no harm', async () => {
  const circle = {
    id: 'x',
    title: 5,
    create_time: 'never',
    current_node: {},
    mapping: {
      a: {
        parent: 'b',
        message: { author: { role: 'user' }, content: { content_type: 'text', parts: ['lost'] } },
      },
      b: { parent: 'a', message: 7 },
      c: {
        parent: 'nobody',
        message: {
          author: { role: 'user' },
          create_time: 1e99,
          content: { content_type: 'text', parts: ['kept', 3, null] },
        },
      },
      d: 'no node',
    },
  };
  const { chats, leftOut } = await readExport(blob([circle, { mapping: {} }, null]));
  assert.deepEqual(chats.map(said), [[['c', null, 'kept', '']]]);
  assert.deepEqual([chats[0]?.title, leftOut.unreadable], ['', 3]);
  const odd = Object.fromEntries([gptNode('a\0', null, 'user', ['b\0\ud800'])]);
  const cleaned = await readExport(blob([{ id: 'y', mapping: odd }]));
  assert.deepEqual(cleaned.chats.map(said), [[['a\ufffd', null, 'b\ufffd\ufffd', '']]]);
  const deep = Object.fromEntries(
    Array.from({ length: 20_000 }, (_, nth) =>
      gptNode(`n${nth}`, nth === 0 ? null : `n${nth - 1}`, nth % 2 ? 'assistant' : 'user', [
        'word',
      ]),
    ),
  );
  const long = await readExport(blob([{ id: 'long', mapping: deep }]));
  assert.equal(long.chats[0]?.messages.length, 10_000);
  const parts = [...batchesOf(long.chats)];
  assert.equal(parts.flat().flatMap(({ messages }) => messages).length, 10_000);
  for (const part of parts) assert.ok(JSON.stringify({ chats: part }).length < 700_000);
});

test('a request has a bounded size, whatever is in it', async () => {
  const text = '"\u0001é'.repeat(60_000);
  const mapping = Object.fromEntries([
    gptNode('u', null, 'user', [text]),
    gptNode('a', 'u', 'assistant', [text]),
  ]);
  const many = Array.from({ length: 60 }, (_, nth) => ({ id: `c${nth}`, mapping }));
  const { chats, leftOut } = await readExport(blob(many));
  assert.equal(leftOut.cut, 120);
  for (const part of batchesOf(chats)) {
    assert.ok(Buffer.byteLength(JSON.stringify({ chats: part })) < 1_048_576);
    assert.ok(part.length <= 50);
  }
});
