import type { ErrorTexts } from '../error-texts.ts';
import type { InvitationErrorCode } from './texts.ts';

/** Coming by an invitation, in English. */
export const invitedEn = {
  title: 'You are invited',
  enterCode: 'Enter the code of your invitation.',
  code: 'Invitation code',
  codeHint: '10 letters and digits, as on your slip',
  next: 'Continue',
  hello: (name: string) => `Hello ${name}!`,
  chooseBoth: 'Choose a username and a password. You sign in with them from now on.',
  choosePassword: 'Choose a password. You sign in with this name and the password from now on.',
  continueBy: 'Continue with the account you have already. You sign in with it from now on.',
  directory:
    'Sign in with your usual name and password. The invitation is then accepted by itself.',
  toDirectory: 'Go to sign-in',
  noWay: 'There is no way to sign in to this site yet. Tell whoever invited you.',
  notYou: 'Not you? Ask whoever gave you the invitation.',
  create: 'Create account',
  otherCode: 'Enter another code',
  toSignIn: 'Back to sign-in',
  errors: {
    invitation_unknown:
      'There is no invitation with this code. Check it: it has 10 letters and digits.',
    invitation_used:
      'This invitation has been used. If that was you, sign in with the name and password you ' +
      'chose. If not, tell whoever gave it to you.',
    invitation_ended: 'This invitation was withdrawn. Ask whoever gave it to you for another one.',
    invitation_expired: 'This invitation has expired. Ask whoever gave it to you to extend it.',
  } satisfies ErrorTexts<InvitationErrorCode>,
};
