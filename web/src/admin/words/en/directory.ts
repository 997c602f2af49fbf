import { counted } from './plurals.ts';

/** Texts about the tokens with which directories manage accounts. */
export const enDirectory = {
  directory: 'Directory',
  directoryText:
    'A directory such as Entra ID or Okta can create accounts and groups here, keep them up to ' +
    'date and disable people who leave (SCIM 2.0). It needs the address and ' +
    'a SCIM token.',
  directoryAddress: 'Address for SCIM',
  scimTokenName: 'Name of the directory',
  scimTokenLasts: 'Valid for',
  scimTokenDays: (days: number) => (days === 365 ? 'a year' : counted(days, 'day')),
  scimTokenForEver: 'no limit',
  scimTokenMake: 'Create SCIM token',
  scimTokenFresh: 'Copy the SCIM token to the directory now. It won’t be shown again.',
  scimTokenNone: 'There are no SCIM tokens yet.',
  scimTokens: 'SCIM tokens',
  scimTokenBegins: 'Begins with',
  scimTokenBy: 'Created by',
  scimTokenMade: 'Created',
  scimTokenExpires: 'Valid until',
  scimTokenExpired: (when: string) => `expired ${when}`,
  scimTokenUsed: 'Last used',
  scimTokenNeverUsed: 'never',
  scimTokenEnd: 'Revoke',
  scimTokenEndOf: (name: string) => `Revoke the SCIM token “${name}”`,
  scimTokenEndTitle: (name: string) => `Revoke “${name}”?`,
  scimTokenEndText:
    'The directory can no longer create, change or disable anyone here. Accounts and groups stay ' +
    'as they are.',
  scimTokenEndDone: 'The SCIM token is revoked.',
  ldapText:
    'Signing in with the passwords of an LDAP directory is set up in chit.json, under “ldap”.',
};
