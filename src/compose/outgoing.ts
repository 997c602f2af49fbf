/** What the site sends to others: mail, and events to webhooks. */
import type { OutgoingMail } from '../app/context.ts';
import { SmtpMailer } from '../app/notices/mail/mailer.ts';
import { type Config, ConfigError } from '../config.ts';
import { isMailAddress } from '../core/mail.ts';
import { type GuardedFetch, guardedFetch } from '../models/tools/guarded-fetch.ts';

/**
 * The site's mail; undefined without a server for it.
 * @throws ConfigError if one of the settings is missing
 */
export function mailOf(config: Config): OutgoingMail | undefined {
  const { smtp, mailFrom, publicUrl, contact, mailPerMinute: perMinute } = config;
  if (!smtp) return undefined;
  if (!mailFrom) {
    throw new ConfigError('CHIT_MAIL_FROM: set it too, such as Chit <chit@example.org>.');
  }
  if (publicUrl === '') {
    throw new ConfigError('CHIT_PUBLIC_URL: set it too, since mail has links to the site.');
  }
  return {
    mailer: new SmtpMailer({
      server: smtp,
      from: mailFrom,
      replyTo: isMailAddress(contact) ? contact : undefined,
    }),
    perMinute,
    publicUrl,
    from: mailFrom.address,
    server: `${smtp.host}:${smtp.port}`,
  };
}

/** Requests to webhooks. */
export function webhookFetchOf({ webhooksPrivate }: Config): GuardedFetch {
  return guardedFetch({
    allowPrivate: webhooksPrivate,
    refusal: (name) =>
      new Error(
        `${name} is an address of a private network. CHIT_WEBHOOKS_PRIVATE=1 would allow it.`,
      ),
  });
}
