import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOnPrivateNetwork } from '../../../src/models/provider-client/private-network.ts';

const PRIVATE = [
  'localhost:11434',
  'LOCALHOST.',
  'ollama:11434',
  'gpu.local',
  'llm.corp.internal',
  'host.docker.internal',
  'nas.lan',
  '127.0.0.1',
  '127.1',
  '2130706433',
  '0x7f.1',
  '0.0.0.0',
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.5',
  '169.254.169.254',
  '100.64.0.1',
  '[::1]',
  '[::]',
  '[fd00::1]',
  '[fe80::1]',
  '[::ffff:10.0.0.1]',
];
const PUBLIC = [
  'api.openai.com',
  'llm.example.org',
  'internal.example.org',
  '8.8.8.8',
  '172.32.0.1',
  '100.128.0.1',
  '[2606:4700::1111]',
  '[::ffff:8.8.8.8]',
];

test('a server is on a private network by its address or by its name', () => {
  for (const host of PRIVATE) assert.equal(isOnPrivateNetwork(`http://${host}/v1`), true, host);
  for (const host of PUBLIC) assert.equal(isOnPrivateNetwork(`https://${host}/v1`), false, host);
});
