/** `npm run test:sign-in`: a thousand people come in at once by a provider, on two servers. */
import { test } from 'node:test';
import { comeInAtOnce } from '../support/people-at-once.ts';

const PEOPLE = 1_000;

test('a thousand people have a thousand accounts, and none has two', () => comeInAtOnce(PEOPLE));
