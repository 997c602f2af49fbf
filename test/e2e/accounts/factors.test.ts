/** Passkeys, authenticator apps and proofs in the page, with Chromium's virtual authenticator. */
import assert from 'node:assert/strict';
import { Secret, TOTP } from 'otpauth';
import type { Page } from 'playwright-core';
import { beginTotp, confirmTotp } from '../../../src/app/accounts/factors/manage-factors.ts';
import { changeUser } from '../../../src/app/accounts/manage-users.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { accessibilityViolations, PASSWORD, Person } from '../../support/browser.ts';
import { after, afterEach, before, beforeEach, test } from '../../support/browser-test.ts';
import { eventuallyEqual } from '../../support/eventually.ts';
import { postJson } from '../../support/http.ts';
import { intercept } from '../../support/intercept.ts';
import { scriptedModel } from '../../support/scripted-model.ts';
import { type Site, startSite } from '../../support/site.ts';

/** What makes browsers offer passkeys in a field (WebAuthn Level 3, 5.1.4). */
const FILLED_IN = 'username webauthn';

let site: Site;
let ada: Person;
let url: string;

before(async () => {
  site = await startSite([scriptedModel(flatPrice(100))]);
  // Passkeys are for a name, never for an address of numbers.
  url = site.server.url.replace('127.0.0.1', 'localhost');
});
beforeEach(async () => {
  ada = await Person.meet(site.browser, url);
});
afterEach(() => ada.leave());
after(() => site?.close());

/** Gives the browser an authenticator that always finds its user there. */
async function plugIn({ context, page }: Person): Promise<void> {
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  const kind = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true } as const;
  const user = { hasUserVerification: true, isUserVerified: true } as const;
  const options = { ...kind, ...user, automaticPresenceSimulation: true };
  await devtools.send('WebAuthn.addVirtualAuthenticator', { options });
}

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
async function signOut(person: Person): Promise<void> {
  await press(person.page, 'Sign out');
  await person.page.getByLabel('Username').waitFor();
}

/** Makes the last proof of the session so old that what matters asks for another. */
async function ageProof(person: Person): Promise<void> {
  const { context } = site.server.chit;
  const user = await context.users.byUsername(person.username);
  assert.ok(user);
  const sessions = await context.refreshTokens.validOf(user.id, Date.now(), { limit: 10 });
  const proof = { atMs: Date.now() - 11 * 60_000, by: 'password' } as const;
  for (const { jti } of sessions) {
    await context.refreshTokens.prove(user.id, jti, { proof, passwordVersion: 0 });
  }
  // A new page gets a new access token.
  await person.page.reload();
}

test('a passkey is added, and signs in alone: from the username field, and by its button', async () => {
  const { page } = ada;
  await page.goto('/');
  await plugIn(ada);
  await ada.enter();
  // Somebody who knows the password is signed in elsewhere.
  const elsewhere = { username: ada.username, password: PASSWORD };
  await postJson(`${site.server.url}/api/session/`, elsewhere);
  await ada.openAccount();
  await press(page, 'Add a passkey');
  await page.getByLabel('Name of the passkey').fill('My laptop');
  await press(page, 'Create passkey');
  await page.getByText('Your recovery codes').waitFor();
  await eventuallyEqual(() => page.locator('.recovery-codes li').count(), 10);
  assert.deepEqual(await accessibilityViolations(page), []);
  await press(page, 'I’ve kept them');
  await page.getByText('not used yet').waitFor();
  const offer = page.locator('#second-factors').getByText('Other devices are still signed in');
  await offer.waitFor();
  assert.deepEqual(await accessibilityViolations(page), []);
  const sessions = page.locator('section', { hasText: 'Active sessions' }).locator('li');
  await eventuallyEqual(() => sessions.count(), 2);
  await press(page, 'Sign out other devices');
  await page.getByText('You are signed in only here now.').waitFor();
  await sessions.nth(1).waitFor({ state: 'detached' });
  await eventuallyEqual(() => offer.count(), 0);

  // The authenticator takes what the browser would show in the field.
  const asked = Promise.withResolvers<void>();
  const interception = await intercept(page, '**/api/session/passkey/options/', async (route) => {
    await asked.promise;
    await route.continue();
  });
  await signOut(ada);
  await eventuallyEqual(() => page.getByLabel('Username').getAttribute('autocomplete'), FILLED_IN);
  asked.resolve();
  await page.getByLabel('Ask anything').waitFor();
  interception.end();

  // In a browser that fills in none there is the button.
  await page.evaluate('PublicKeyCredential.isConditionalMediationAvailable = async () => false');
  await ada.openAccount();
  await signOut(ada);
  await press(page, 'Sign in with a passkey');
  await page.getByLabel('Ask anything').waitFor();
  await ada.openAccount();
  await page.getByText('Last used').waitFor();

  // After a password it is the second step.
  await signOut(ada);
  await ada.signIn();
  await page.getByText('One more step').waitFor();
  assert.deepEqual(await accessibilityViolations(page), []);
  await press(page, 'Use a passkey');
  await page.getByLabel('Ask anything').waitFor();

  await ada.openAccount();
  await press(page, 'Remove My laptop');
  await press(page, 'Remove');
  await page.getByText('with your password alone').waitFor();
});

test('an authenticator app is set up; a recovery code signs in; a new password asks for it', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.openAccount();
  await press(page, 'Set up an authenticator app');
  await page.getByRole('img', { name: 'QR code with the key' }).waitFor();
  assert.deepEqual(await accessibilityViolations(page), []);
  const secret = (await page.locator('.secret').innerText()).replaceAll(' ', '');
  const app = new TOTP({ secret: Secret.fromBase32(secret) });
  await page.getByLabel('Code that the app shows').fill('000000');
  await press(page, 'Turn on');
  await page.getByText('That code is wrong').waitFor();
  await page.getByLabel('Code that the app shows').fill(app.generate());
  await press(page, 'Turn on');
  await page.locator('.recovery-codes code').nth(9).waitFor();
  const [recovery = '', other = ''] = await page.locator('.recovery-codes code').allInnerTexts();
  await press(page, 'I’ve kept them');

  await page.getByLabel('Current password').fill(PASSWORD);
  await page.getByLabel('New password').fill('velvet-tram-19');
  await press(page, 'Change password');
  await press(page, 'Use a recovery code');
  await page.getByLabel('Recovery code', { exact: true }).fill(other);
  await press(page, 'Continue');
  await page.getByText('One more step').waitFor({ state: 'detached' });
  await page.reload();
  await page.getByText('9 codes left').waitFor();

  await signOut(ada);
  await ada.signIn('velvet-tram-19');
  await press(page, 'Use a recovery code');
  await page.getByLabel('Recovery code', { exact: true }).fill(recovery);
  await press(page, 'Continue');
  await page.getByLabel('Ask anything').waitFor();
});

test('making staff asks who it is; staff remove factors, and need one if it is required', async () => {
  const { page } = ada;
  const { context } = site.server.chit;
  const root = await context.users.byUsername(ada.username);
  const bob = await Person.meet(site.browser, url);
  const user = await context.users.byUsername(bob.username);
  assert.ok(root && user);
  const by = { actor: 'cli:test', address: undefined, user: undefined } as const;
  await changeUser(context, by, root.id, { isSuperuser: true, reason: undefined });
  await ada.enter();
  await ageProof(ada);
  await page.goto(`/admin/users/${user.id}`);
  await press(page, 'Make staff');
  await page.getByRole('dialog').getByRole('button', { name: 'Make staff' }).click();
  const dialog = page.getByRole('dialog', { name: 'Is it you?' });
  await dialog.getByLabel('Password').fill('not mine');
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await dialog.getByText('not your current password').waitFor();
  assert.equal((await context.users.byId(user.id))?.isStaff, false);
  assert.deepEqual(await accessibilityViolations(page), []);
  await dialog.getByLabel('Password').fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await page.getByRole('button', { name: 'Remove from staff' }).waitFor();
  assert.equal((await context.users.byId(user.id))?.isStaff, true);

  // Bob has lost his phone.
  const { secret, ticket } = await beginTotp(context, user, 'Chit');
  const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
  await confirmTotp(context, { user, address: '127.0.0.1' }, { ticket, code });
  await page.reload();
  await press(page, 'Remove second factors');
  const question = page.getByRole('dialog', { name: 'Remove the second factors of' });
  await question.getByText('signs in with the password alone').waitFor();
  assert.deepEqual(await accessibilityViolations(page), []);
  await question.getByRole('button', { name: 'Remove second factors' }).click();
  await page.getByText(`The second factors of ${bob.username} are removed.`).waitFor();
  await eventuallyEqual(
    () => page.getByRole('button', { name: 'Remove second factors' }).count(),
    0,
  );
  assert.equal((await context.factors.of(user.id)).totp, undefined);
  const [told] = await context.notices.of(user.id, { limit: 1 });
  assert.deepEqual([told?.kind, told?.data.change], ['factor.changed', 'removed']);
  await bob.leave();

  // The site requires one by now, and root has none.
  const { policy } = context;
  Object.assign(context, { policy: { ...policy, staffSecondFactor: 'required' } });
  await page.goto('/admin');
  await page.getByText('Staff of this site need a second factor').waitFor();
  assert.deepEqual(await accessibilityViolations(page), []);
  await eventuallyEqual(() => page.locator('.panel').count(), 0);
  await page.getByRole('link', { name: 'Set up a second factor' }).click();
  await page.getByText('As staff of this site you need a second factor.').waitFor();
  Object.assign(context, { policy });
});
