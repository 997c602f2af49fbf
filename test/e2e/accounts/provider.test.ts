/** Signing in by a provider of OpenID Connect, in a browser, against a real one. */
import assert from 'node:assert/strict';
import type { BrowserContext, Page } from 'playwright-core';
import {
  accessibilityViolations,
  horizontalOverflow,
  sharedBrowser,
} from '../../support/browser.ts';
import { after, before, test } from '../../support/browser-test.ts';
import { createAccount } from '../../support/chit.ts';
import { query } from '../../support/database.ts';
import { eventuallyEqual, eventuallyPasses } from '../../support/eventually.ts';
import {
  CLIENT_SECRET,
  type IdentityServer,
  startIdentityServer,
} from '../../support/oidc-provider-server.ts';
import { configFile } from '../../support/provider-chit.ts';
import { runChit, SECRET_KEY } from '../../support/server.ts';
import { type ServerHere, startServerHere } from '../../support/server-here.ts';

const PEOPLE = {
  anna: {
    preferred_username: 'anna',
    email: 'anna@school.example',
    email_verified: true,
    groups: ['class-7b'],
  },
  carla: {
    preferred_username: 'carla',
    email: 'carla@school.example',
    email_verified: true,
    groups: ['class-7b'],
  },
  rector: { email: 'rector@school.example', email_verified: true },
  berta: { preferred_username: 'b.benz' },
};
const PASSWORD = 'velvet-tram-19';

let identities: IdentityServer;
let server: ServerHere;
let context: BrowserContext;
let page: Page;

before(async () => {
  identities = await startIdentityServer(PEOPLE);
  const school = {
    issuer: identities.issuer,
    clientId: 'chit',
    clientSecretEnv: 'SCHOOL_SECRET',
    button: { en: 'School account', de: 'Schulkonto' },
    groups: { 'class-7b': '7b' },
    matchByEmail: true,
  };
  const file = configFile({ signIn: { school } });
  server = await startServerHere({
    CHIT_CONFIG: file,
    SCHOOL_SECRET: CLIENT_SECRET,
    CHIT_SIGNUP: 'closed',
  });
  const made = await runChit(server.folder, ['groups', 'create', '7b'], {
    settings: { CHIT_DATABASE_URL: server.databaseUrl },
  });
  assert.equal(made.code, 0, made.stderr);
  await identities.serve(server.url);
  const browser = await sharedBrowser();
  context = await browser.newContext({ baseURL: server.url, locale: 'en-GB' });
  context.setDefaultTimeout(30_000);
  page = await context.newPage();
});
after(async () => {
  await context?.close();
  await server?.stop();
  await identities?.close();
});

/** Signs in at the provider, whose pages take any password. */
async function signInThere(login: string, at = page): Promise<void> {
  await at.locator('input[name=login]').fill(login);
  await at.locator('input[name=password]').fill('any');
  await at.getByRole('button', { name: 'Sign-in' }).click();
  await at.getByRole('button', { name: 'Continue' }).click();
}

/** Makes the first superuser by a link from the command line. */
async function setUp(
  at: Page,
  { folder, databaseUrl }: Pick<ServerHere, 'folder' | 'databaseUrl'>,
  username: string,
  settings: Record<string, string> = {},
): Promise<void> {
  const { stdout } = await runChit(folder, ['setup-link'], {
    settings: { ...settings, CHIT_DATABASE_URL: databaseUrl },
  });
  const [, token] = /setup(#\S+)/.exec(stdout) ?? [];
  await at.goto(`/setup${token}`);
  await at.getByLabel('Username').fill(username);
  await at.getByLabel('Password').fill(PASSWORD);
  await at.locator('button[type=submit]').click();
  await at.waitForURL('**/admin/');
}

/** As if the provider had just asked who the user is, in all of their sessions. */
async function proveByProvider(userId: number): Promise<void> {
  const { refreshTokens, now } = server.context;
  const proof = { atMs: now(), by: 'provider' } as const;
  for (const { jti } of await refreshTokens.validOf(userId, now(), { limit: 5 })) {
    await refreshTokens.prove(userId, jti, { proof, passwordVersion: 0 });
  }
}

test('first sign-in makes an account in the group of the claim, and comes back to the page', async () => {
  await page.goto('/account?from=link');
  await page.getByRole('button', { name: 'School account' }).waitFor();
  assert.deepEqual(await accessibilityViolations(page), []);
  await page.getByRole('button', { name: 'School account' }).click();
  await signInThere('anna');
  await page.locator('.who').getByText('anna').waitFor();
  await eventuallyEqual(async () => page.url(), `${server.url}/account?from=link`);
});

test('signing out leads to the provider and back, and the second sign-in finds the same account', async () => {
  await page.getByRole('button', { name: 'Sign out' }).click();
  // The provider asks; its page is no page of ours.
  await page.getByRole('button', { name: 'Yes, sign me out' }).click();
  await page.getByRole('button', { name: 'School account' }).waitFor();
  await eventuallyEqual(async () => page.url(), `${server.url}/`);
  await page.getByRole('button', { name: 'School account' }).click();
  await signInThere('anna');
  await page.getByLabel('Ask anything').waitFor();
  const rows = await query(
    server.folder,
    `SELECT u.username, g.name, (SELECT count(*) FROM users) AS users
      FROM users u JOIN group_members m ON m.user_id = u.id JOIN groups g ON g.id = m.group_id`,
  );
  assert.deepEqual(rows, [{ username: 'anna', name: '7b', users: 1 }]);
});

test('who signs out at the provider is signed out here, by that session alone', async () => {
  const browser = await sharedBrowser();
  const other = await browser.newContext({ baseURL: server.url, locale: 'en-GB' });
  const there = await other.newPage();
  await there.goto('/');
  await there.getByRole('button', { name: 'School account' }).click();
  await signInThere('anna', there);
  await there.getByLabel('Ask anything').waitFor();
  await there.goto(`${identities.issuer}/session/end`);
  await there.getByRole('button', { name: 'Yes, sign me out' }).click();
  await there.getByText('Sign-out Success').waitFor();
  await there.goto('/');
  await there.getByRole('button', { name: 'School account' }).waitFor();
  await other.close();
  await page.reload();
  await page.getByLabel('Ask anything').waitFor();
});

test('who cancels at the provider reads so, in German too, and can use a keyboard', async () => {
  await page.goto('/account');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Yes, sign me out' }).click();
  await page.getByRole('button', { name: 'School account' }).press('Enter');
  await page.getByRole('link', { name: '[ Cancel ]' }).click();
  await page.getByRole('alert').getByText('You weren’t signed in').waitFor();
  await eventuallyEqual(async () => page.url(), `${server.url}/`);
  assert.deepEqual(await accessibilityViolations(page), []);
  await page.getByLabel('Language').selectOption('de');
  await page.getByRole('alert').getByText('Du bist nicht angemeldet').waitFor();
  await page.getByRole('button', { name: 'Schulkonto' }).waitFor();
  await eventuallyPasses(async () => {
    const box = await page.getByRole('button', { name: 'Schulkonto' }).boundingBox();
    assert.ok(box && box.height >= 44);
  });
});

test('staff see the provider and try it: what it says, what would happen, and nothing is made', async () => {
  const browser = await sharedBrowser();
  const office = await browser.newContext({ baseURL: server.url, locale: 'en-GB' });
  office.setDefaultTimeout(30_000);
  const panel = await office.newPage();
  await setUp(panel, server, 'boss');
  await panel.getByRole('link', { name: 'Sign-in', exact: true }).click();
  await panel.getByText('It answers, with 1 key for signatures.').waitFor();
  await panel.getByText(`${server.url}/api/sign-in/school/callback/`).waitFor();
  await panel.getByText('As configured').click();
  await panel.getByText('class-7b → 7b').waitFor();
  for (const width of [390, 1280]) {
    await panel.setViewportSize({ width, height: 800 });
    assert.equal(await horizontalOverflow(panel), 0);
    assert.deepEqual(await accessibilityViolations(panel), []);
  }
  await panel.getByRole('button', { name: 'Try it: school' }).click();
  await signInThere('carla', panel);
  await panel.getByText('A new account is made, called carla.').waitFor();
  await panel.getByText('carla@school.example (verified)').waitFor();
  await panel.getByText('7b: joins').waitFor();
  for (const width of [390, 1280]) {
    await panel.setViewportSize({ width, height: 800 });
    assert.equal(await horizontalOverflow(panel), 0);
    assert.deepEqual(await accessibilityViolations(panel), []);
  }
  const rows = await query(server.folder, "SELECT 1 FROM users WHERE username = 'carla'");
  assert.deepEqual(rows, []);
  await panel.getByRole('link', { name: 'Back to all ways to sign in' }).click();
  await panel.getByText('Last worked').waitFor();
  await office.close();
});

test('whose address is that of an account of staff shows once, with its password, that it is theirs', async () => {
  const account = { username: 'rector', password: 'velvet-tram-19', isStaff: true };
  const id = await createAccount(server.context, { ...account, isSuperuser: false });
  await server.context.emails.set(id, 'rector@school.example', Date.now());
  await page.getByLabel('Sprache').selectOption('en');
  await page.getByRole('button', { name: 'School account' }).click();
  await signInThere('rector');
  await page.getByText('There is an account here with your e-mail address.').waitFor();
  await page.getByLabel('Password').fill('amber-kite-31');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('alert').waitFor();
  assert.deepEqual(await accessibilityViolations(page), []);
  await page.getByLabel('Password').fill('velvet-tram-19');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Ask anything').waitFor();
  await eventuallyEqual(async () => (await server.context.identities.of(id)).length, 1);
});

test('an account there is disconnected: by its user, unless nothing else is left, and by staff', async () => {
  await page.goto('/account');
  const section = page.locator('section', {
    has: page.getByRole('heading', { name: 'Accounts you sign in with' }),
  });
  await section.getByRole('button', { name: 'Disconnect' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('“School account” will no longer be connected').waitFor();
  assert.deepEqual(await accessibilityViolations(page), []);
  await dialog.getByRole('button', { name: 'Disconnect' }).click();
  const proof = page.getByRole('dialog', { name: 'Is it you?' });
  await proof.getByLabel('Password').fill(PASSWORD);
  await proof.getByRole('button', { name: 'Confirm' }).click();
  await section.getByText('Disconnected. Devices').waitFor();
  const rector = await server.context.users.byUsername('rector');
  assert.deepEqual(await server.context.identities.of(rector?.id ?? 0), []);

  const browser = await sharedBrowser();
  const office = await browser.newContext({ baseURL: server.url, locale: 'en-GB' });
  try {
    const pupil = await office.newPage();
    await pupil.goto('/account');
    await pupil.getByRole('button', { name: 'School account' }).click();
    await signInThere('anna', pupil);
    await pupil.locator('.who').getByText('anna').waitFor();
    const anna = await server.context.users.byUsername('anna');
    await proveByProvider(anna?.id ?? 0);
    await pupil.reload();
    await pupil.getByRole('button', { name: 'Disconnect' }).click();
    await pupil.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click();
    await pupil.getByRole('alert').getByText('You couldn’t sign in any more.').waitFor();
    await office.clearCookies();

    const chief = { username: 'chief', password: PASSWORD, isStaff: true, isSuperuser: true };
    await createAccount(server.context, chief);
    const panel = await office.newPage();
    await panel.goto(`/admin/users/${anna?.id}`);
    await panel.getByLabel('Username').fill('chief');
    await panel.getByLabel('Password').fill(PASSWORD);
    await panel.locator('button[type=submit]').click();
    await panel.getByRole('heading', { name: 'Signs in with' }).waitFor();
    await panel.getByRole('button', { name: 'Disconnect: School account' }).click();
    const asked = panel.getByRole('dialog');
    await asked.getByRole('heading', { name: 'Disconnect School account from anna?' }).waitFor();
    assert.deepEqual(await accessibilityViolations(panel), []);
    await asked.getByRole('button', { name: 'Disconnect' }).click();
    await panel.getByText('School account is disconnected from anna.').waitFor();
    await panel.getByRole('heading', { name: 'Signs in with' }).waitFor({ state: 'detached' });
    await panel.goto('/admin/audit?target=anna');
    await panel.getByRole('cell', { name: 'Sign-in service disconnected' }).waitFor();
  } finally {
    await office.close();
  }
});

test('who is invited goes on at the provider, and the account is that of the invitation', async () => {
  const settings = { CHIT_DATABASE_URL: server.databaseUrl, CHIT_SECRET_KEY: SECRET_KEY };
  const invite = ['invite', 'berta', '--usernames', '--tokens', '77', '--json'];
  const { stdout, stderr } = await runChit(server.folder, invite, { settings });
  const { code } = JSON.parse(stdout || stderr);
  const browser = await sharedBrowser();
  const there = await browser.newContext({ baseURL: server.url, locale: 'en-GB' });
  try {
    const berta = await there.newPage();
    await berta.goto(`/invited#${code}`);
    await berta.getByRole('heading', { name: 'Hello berta!' }).waitFor();
    assert.deepEqual(await accessibilityViolations(berta), []);
    await berta.getByRole('button', { name: 'School account' }).click();
    await signInThere('berta', berta);
    await berta.getByLabel('Ask anything').waitFor();
    const rows = await query(
      server.folder,
      `SELECT u.username, t.credits FROM users u JOIN invitations i ON i.user_id = u.id
        JOIN transfers t ON t.account_id = u.id WHERE i.accepted_at IS NOT NULL`,
    );
    assert.deepEqual(rows, [{ username: 'berta', credits: 77 }]);
  } finally {
    await there.close();
  }
});

test('where passwords are off there is no form, and a link from the command line signs in', async () => {
  const settings = { CHIT_PASSWORD_LOGIN: 'off' };
  const other = await startServerHere(settings);
  const browser = await sharedBrowser();
  const there = await browser.newContext({ baseURL: other.url, locale: 'en-GB' });
  try {
    const start = await there.newPage();
    await start.goto('/');
    await start.getByRole('heading', { name: 'Chit' }).waitFor();
    await eventuallyEqual(() => start.getByLabel('Password').count(), 0);
    await setUp(start, other, 'root', settings);
    await start.getByText('root').first().waitFor();
  } finally {
    await there.close();
    await other.stop();
  }
});
