import { test } from 'node:test';
import { comeInAtOnce } from '../../../support/people-at-once.ts';

/** `npm run test:sign-in` does the same with a thousand. */
const PEOPLE = 40;

test('people who come in at once on two servers have one account each', () => comeInAtOnce(PEOPLE));
