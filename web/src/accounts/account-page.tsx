import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { call, endSession, hasCode, replaceSession, signOut, startSession } from '../api/client.ts';
import { PlanLine } from '../credits/plan-line.tsx';
import { DefaultInstructions } from '../prompts/default-instructions.tsx';
import { me } from '../state/account.ts';
import { dismissOwn } from '../state/account-notices.ts';
import { type Theme, theme } from '../state/preferences.ts';
import { site } from '../state/site.ts';
import { securityText } from '../strings/security/security.ts';
import { strings } from '../strings/strings.ts';
import { LanguageChoice } from '../ui/language-choice.tsx';
import { SiteLinks } from '../ui/own-look.tsx';
import { PageFrame } from '../ui/page-frame.tsx';
import { Fault, useAttempt } from '../ui/use-attempt.tsx';
import { PasswordField } from './account-fields.tsx';
import { ApiKeys } from './api-keys.tsx';
import { DeleteAccount } from './delete-account.tsx';
import { type FirstStep, SecondStep } from './factors/second-step.tsx';
import { SecuritySection } from './factors/security-section.tsx';
import { FileSpace } from './file-space.tsx';
import { ImportLink } from './import-link.tsx';
import { OwnMail } from './mail/own-mail.tsx';
import { Notices } from './notices.tsx';
import { OwnLimit } from './own-limit.tsx';
import { RedeemVoucher } from './redeem-voucher.tsx';
import { ResetNotice } from './reset-notice.tsx';
import { AccountNotices } from './security/account-notices.tsx';
import { Identities } from './security/identities.tsx';
import { Sessions } from './sessions.tsx';
import { YourData } from './your-data.tsx';

/** All that users see and change of their account. */
export function AccountPage() {
  const text = strings.value;
  const { parts } = securityText.value;
  return (
    <PageFrame title={text.account}>
      <ResetNotice />
      <div class="who">
        <p>{me.value?.username}</p>
        <button type="button" onClick={() => void signOut()}>
          {text.signOut}
        </button>
      </div>
      {me.value?.staff_reads_chats && <p class="notice">{text.staffReads}</p>}
      {me.value?.chats_kept_days != null && (
        <p class="notice">{text.chatsKept(me.value.chats_kept_days)}</p>
      )}
      {me.value?.plan && (
        <section>
          <h2>{text.plan}</h2>
          <PlanLine />
        </section>
      )}
      <Group name={parts.page}>
        <section>
          <h2>{text.display}</h2>
          <div class="row">
            <select
              aria-label={text.display}
              value={theme.value}
              onChange={(event) => {
                theme.value = event.currentTarget.value as Theme;
              }}
            >
              <option value="system">{text.system}</option>
              <option value="light">{text.light}</option>
              <option value="dark">{text.dark}</option>
            </select>
            <LanguageChoice />
          </div>
        </section>
        <DefaultInstructions />
      </Group>
      <Group name={parts.tokens}>
        <OwnLimit />
        <RedeemVoucher />
        <ApiKeys />
      </Group>
      <Group name={parts.security}>
        <SecuritySection />
        <Identities />
        {me.value?.has_password && site.value?.password_login !== false && <Password />}
        <Sessions />
        <AccountNotices />
      </Group>
      <Group name={parts.notices}>
        <OwnMail />
        <Notices />
      </Group>
      <Group name={parts.data}>
        <FileSpace />
        <ImportLink />
        <YourData />
        <DeleteAccount />
      </Group>
      <SiteLinks />
    </PageFrame>
  );
}

/** Sections that are about the same. */
function Group(props: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div class="account-group">
      <h2>{props.name}</h2>
      {props.children}
    </div>
  );
}

function Password() {
  const text = strings.value;
  const [old, setOld] = useState('');
  const [next, setNext] = useState('');
  const [endsKeys, setEndsKeys] = useState(false);
  const [isDone, setDone] = useState(false);
  const [first, setFirst] = useState<FirstStep>();
  const { fault, attempt } = useAttempt();
  const askSecond = (error: unknown) => {
    if (!hasCode(error, 'second_factor_required')) throw error;
    setFirst(error.params as FirstStep);
  };
  const onBegun = () => {
    setFirst(undefined);
    void dismissOwn('password.new');
  };
  const change = async (event: Event) => {
    event.preventDefault();
    setDone(false);
    const isChanged = await attempt(() =>
      replaceSession(async () => {
        const body = { old_password: old, new_password: next, end_api_keys: endsKeys };
        await call<void>('POST', '/api/password/', body);
        // The change has ended all sessions, this one too.
        const account = { username: me.value?.username ?? '', password: next };
        await startSession('/api/session/', account).then(onBegun, askSecond);
      }),
    );
    if (!isChanged) return;
    setDone(true);
    setOld('');
    setNext('');
  };
  return (
    <section>
      <h2>{text.changePassword}</h2>
      {first && (
        <SecondStep
          first={first}
          begin={startSession}
          onDone={onBegun}
          onBack={() => endSession('expired')}
        />
      )}
      <form class="stack" onSubmit={(event) => void change(event)}>
        {/* For password managers: whose password it is. */}
        <input hidden readOnly autoComplete="username" value={me.value?.username} />
        <PasswordField isNew={false} label={text.oldPassword} value={old} onInput={setOld} />
        <PasswordField isNew label={text.newPassword} value={next} onInput={setNext} />
        <label class="check-label">
          <input
            type="checkbox"
            checked={endsKeys}
            onChange={(event) => setEndsKeys(event.currentTarget.checked)}
          />
          {text.endApiKeysToo}
        </label>
        {isDone && <p role="status">{text.passwordChanged}</p>}
        <Fault words={fault} />
        <button type="submit">{text.changePassword}</button>
      </form>
    </section>
  );
}
