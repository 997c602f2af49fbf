/** Speed of the page: prints figures, and checks that nothing is lost. */
import assert from 'node:assert/strict';
import { newId } from '../../../src/app/ids.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { PASSWORD } from '../../support/browser.ts';
import { after, before, test } from '../../support/browser-test.ts';
import { Talker } from '../../support/conversations.ts';
import { script, scriptedModel } from '../../support/scripted-model.ts';
import { type Site, startSite } from '../../support/site.ts';

const PARAGRAPH =
  'Some **words** about `code`, a [link](https://example.org/) and $x^2$ in a line.\n\n' +
  '```ts\nconst answer: number = 42;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n';
const LONG_BYTES = 24 * 1024;

let site: Site;

before(async () => {
  const model = scriptedModel(flatPrice(1), { outputLimit: 1_000_000 });
  site = await startSite([model], { CHIT_SIGNUP_TOKENS: '1000000' });
});
after(() => site?.close());

test('a long reply is rendered as it arrives', async (t) => {
  const ada = await site.meet();
  await ada.enter();
  const text = PARAGRAPH.repeat(Math.ceil(LONG_BYTES / PARAGRAPH.length));
  const pieces = text.match(/[\s\S]{1,200}/g) ?? [];
  // Sent over the API, so that the script itself is not rendered as well.
  const talker = await Talker.of(site.server.url, ada.username, PASSWORD);
  const { id } = await talker.begin({ title: 'long' });
  await talker.say(id, script(...pieces.flatMap((say) => [{ say }, { waitMs: 10 }])));
  await site.browser.startTracing(ada.page, {
    categories: ['disabled-by-default-devtools.timeline'],
  });
  await ada.page.goto(`/c/${id}`);
  await ada.answered();
  const longest = longestTaskMs(await site.browser.stopTracing()).toFixed(1);
  t.diagnostic(`a reply of ${text.length} characters: the longest task took ${longest} ms (<= 50)`);
  const blocks = text.split('```ts').length - 1;
  const drawn = ada.page.locator('.answer .code');
  // A few more are drawn with each frame: on a slow machine the last ones come after the end.
  await drawn.nth(blocks - 1).waitFor();
  assert.equal(await drawn.count(), blocks);
  await ada.leave();
});

test('many conversations and a long one open', async (t) => {
  const ada = await site.meet();
  const talker = await Talker.of(site.server.url, ada.username, PASSWORD);
  const { conversations, users } = site.server.chit.context;
  const user = await users.byUsername(ada.username);
  const base = await talker.begin({ title: 'the long one' });
  for (let index = 0; index < 1_000; index += 1) {
    const about = { id: newId(), title: `Conversation ${index}` };
    const unset = { model: undefined, leafId: undefined, shareToken: undefined };
    const times = { createdAtMs: index, updatedAtMs: index };
    const owner = { userId: user?.id ?? 0, systemPrompt: '', options: {}, tools: [] };
    await conversations.add({ ...about, ...unset, ...times, ...owner });
  }
  let parent: string | null = null;
  for (let index = 0; index < 500; index += 1) {
    const said: { json: unknown } = await talker.say(base.id, `message ${index}`, { parent });
    parent = (said.json as { id: string }).id;
  }
  await ada.enter();
  const measure = async (selector: string, act: () => Promise<void>) => {
    await ada.page.evaluate(`window.begun = undefined;
      window.shown = new Promise((resolve) => {
        const look = () => document.querySelector(${JSON.stringify(selector)})
          ? resolve(performance.now() - begun) : requestAnimationFrame(look);
        setTimeout(() => resolve(Number.NaN), 10_000);
        document.addEventListener('click', () => { begun = performance.now(); look(); },
          { once: true, capture: true });
      });
      undefined`);
    await act();
    return Number(await ada.page.evaluate('shown'));
  };
  await ada.page.locator('.conversation').nth(99).waitFor();
  const opened = await measure('.exchange:nth-of-type(30) .answer-line', () =>
    ada.page.getByTitle('the long one').click(),
  );
  t.diagnostic(`a conversation of 500 messages opens in ${opened.toFixed(0)} ms (<= 200)`);
  const more = await measure('.conversations li:nth-child(150)', () =>
    ada.page.getByRole('button', { name: 'Show more' }).click(),
  );
  t.diagnostic(`100 more of 1,000 conversations are listed in ${more.toFixed(0)} ms (<= 200)`);
  assert.ok(opened > 0 && more > 0, 'they were never shown');
  await ada.leave();
});

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** In microseconds. */
  readonly dur?: number;
  readonly args?: { readonly name?: string };
}

/** The longest time that the main thread of a page was blocked. */
function longestTaskMs(trace: Buffer): number {
  const { traceEvents: events } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const idOf = ({ pid, tid }: TraceEvent) => `${pid}/${tid}`;
  const mains = new Set(
    events
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(idOf),
  );
  const tasks = events.filter((it) => it.name === 'RunTask' && mains.has(idOf(it)));
  assert.ok(tasks.length > 100, 'The browser told of no tasks.');
  return Math.max(...tasks.map(({ dur = 0 }) => dur / 1000));
}
