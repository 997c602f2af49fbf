/** Files in a composer: what is sent, what stays, and what comes back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Attachment,
  readyFiles,
  uploadStateOf,
  withFilesBack,
  withoutSent,
} from '../../../web/src/chat/files/machine.ts';

type ChatFile = NonNullable<Attachment['file']>;

const file = (id: string): ChatFile => ({
  id,
  name: `${id}.txt`,
  kind: 'text',
  type: 'text/plain',
  size: 1,
  width: null,
  height: null,
  pages: null,
});
const ready = (key: number, id: string): Attachment => {
  return { key, name: id, size: 1, progress: 1, file: file(id) };
};
const uploading: Attachment = { key: 9, name: 'late', size: 1, progress: 0.5 };

test('what is ready is sent once, also if it was chosen twice', () => {
  const list = [ready(1, 'a'), uploading, ready(2, 'b'), ready(3, 'a')];
  assert.deepEqual(
    readyFiles(list).map(({ id }) => id),
    ['a', 'b'],
  );
});

test('files can be sent once all are there, and not with one that failed', () => {
  const failed: Attachment = { key: 8, name: 'lost', size: 1, progress: 0.2, fault: 'Too large.' };
  assert.equal(uploadStateOf([]), 'ready');
  assert.equal(uploadStateOf([ready(1, 'a')]), 'ready');
  assert.equal(uploadStateOf([ready(1, 'a'), uploading]), 'uploading');
  assert.equal(uploadStateOf([ready(1, 'a'), uploading, failed]), 'failed');
});

test('what was sent leaves, and what came meanwhile stays', () => {
  const list = [ready(1, 'a'), uploading, ready(2, 'b')];
  assert.deepEqual(
    withoutSent(list, [file('a')]).map(({ name }) => name),
    ['late', 'b'],
  );
});

test('what was refused comes back before the others, once', () => {
  let keys = 10;
  const newKey = () => {
    keys += 1;
    return keys;
  };
  const list = withFilesBack([uploading, ready(2, 'b')], [file('a'), file('b')], newKey);
  assert.deepEqual(
    list.map(({ key, name }) => [key, name]),
    [
      [11, 'a.txt'],
      [9, 'late'],
      [2, 'b'],
    ],
  );
  assert.deepEqual(withFilesBack(list, [file('a')], newKey), list);
});
