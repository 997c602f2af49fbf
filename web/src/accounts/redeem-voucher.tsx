import { useRef, useState } from 'preact/hooks';
import { call, isOutcomeUnknown } from '../api/client.ts';
import type { RedeemedVoucher } from '../api/types.ts';
import { refreshBalance } from '../state/account.ts';
import { number, strings, time } from '../strings/strings.ts';
import { Fault, useAttempt } from '../ui/use-attempt.tsx';

/** A field for the code of a voucher, and what it gave. */
export function RedeemVoucher() {
  const text = strings.value;
  const [code, setCode] = useState('');
  const [redeemed, setRedeemed] = useState<RedeemedVoucher>();
  const { fault, attempt } = useAttempt();
  /** The key of a code of which it is not known whether it was redeemed. */
  const unanswered = useRef<{ readonly code: string; readonly key: string } | undefined>(undefined);
  const redeem = async () => {
    const sent = unanswered.current?.code === code ? unanswered.current : { code, key: newKey() };
    unanswered.current = sent;
    try {
      const headers = { 'idempotency-key': sent.key };
      const gave = await call<RedeemedVoucher>('POST', '/api/vouchers/redeem/', { code }, headers);
      unanswered.current = undefined;
      setRedeemed(gave);
      setCode('');
    } catch (error) {
      if (!isOutcomeUnknown(error)) unanswered.current = undefined;
      throw error;
    }
    await refreshBalance().catch(() => undefined);
  };
  return (
    <section>
      <h2>{text.redeemVoucher}</h2>
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          setRedeemed(undefined);
          void attempt(redeem);
        }}
      >
        <input
          class="voucher-field"
          aria-label={text.voucherCode}
          placeholder="XXXX-XXXX-XXXX-XXXX"
          required
          maxLength={40}
          autoComplete="off"
          autocapitalize="characters"
          spellcheck={false}
          value={code}
          onInput={(event) => setCode(event.currentTarget.value)}
        />
        <button type="submit">{text.redeem}</button>
      </form>
      <p role="status">{redeemed && gaveText(redeemed)}</p>
      <Fault words={fault} />
    </section>
  );
}

function gaveText({ tokens, plan }: RedeemedVoucher): string {
  const text = strings.value;
  const sentences = [
    ...(plan
      ? [
          plan.until === null
            ? text.redeemedPlan(plan.name)
            : text.redeemedPlanUntil(plan.name, time(plan.until)),
        ]
      : []),
    ...(tokens > 0 ? [text.redeemed(number(tokens))] : []),
  ];
  return sentences.join(' ');
}

/** Not `crypto.randomUUID`, which browsers offer on secure pages only. */
function newKey(): string {
  return String(crypto.getRandomValues(new BigUint64Array(2)));
}
