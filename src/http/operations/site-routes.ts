import { providers } from '../../app/accounts/sign-in/providers.ts';
import type { Context } from '../../app/context.ts';
import type { Api } from '../framework/api.ts';
import { detailed } from '../framework/common-schema.ts';
import { relyingParty } from '../framework/relying-party.ts';
import { publicAppearance } from './appearance-views.ts';
import { Site } from './site-schema.ts';

/** What the page needs before anyone has signed in. */
export function siteRoutes(api: Api, context: Context): void {
  const { policy, look, mail } = context;
  api.get('/api/site/', {
    config: { access: 'public' },
    schema: {
      tags: ['Accounts'],
      summary: 'Read the sign-up policy, the limits and the contact of this site',
      response: { 200: Site, 405: detailed('Only GET.') },
    },
    handler: async (request) => ({
      signup: policy.isSignupOpen ? ('open' as const) : ('closed' as const),
      password_login: policy.isPasswordLoginOn,
      directory_login: context.ldap.current !== undefined,
      sign_in: providers(context).map(({ name, button = {} }) => ({ name, button })),
      password_min_length: policy.passwordMinLength,
      message_max_length: policy.messageLimitCharacters,
      title_model: policy.titleModel ?? null,
      contact: look.inForce.appearance.contact ?? policy.contact ?? null,
      passkeys: policy.isPasswordLoginOn && relyingParty(request) !== undefined,
      staff_reads_chats: policy.canStaffReadChats,
      appearance: publicAppearance(look.inForce),
      sends_mail: mail !== undefined,
    }),
  });
}
