import { siteUrl } from '../../state/site-address.ts';
import { strings, time } from '../../strings/strings.ts';
import type { VoucherBatchDetail, VoucherCode } from '../types.ts';
import { PageHeading } from '../ui/page-heading.tsx';
import { Failure, useResource } from '../ui/resource.tsx';
import { words } from '../words/words.ts';
import { givesText } from './batch-text.ts';

/** Cards to print and cut out: one for each code that can still be redeemed. */
export function VoucherSheet({ batch, address }: { batch: VoucherBatchDetail; address: string }) {
  const sheet = useResource<{ codes: VoucherCode[] }>(`${address}codes/?sheet=1`);
  const { data, failure, reload } = sheet;
  const codes = data?.codes ?? [];
  const shown = codes.filter(({ uses }) => uses < batch.uses_per_code);
  return (
    <>
      <header class="page-head">
        <PageHeading title={batch.name} />
        <a class="button quiet" href={`/admin/vouchers/${batch.id}`}>
          {words.value.voucherBack}
        </a>
        {shown.length > 0 && (
          <button type="button" class="primary" onClick={() => print()}>
            {words.value.voucherPrint}
          </button>
        )}
      </header>
      {failure && <Failure failure={failure} onRetry={reload} />}
      {data && (
        <p class="hint">
          {words.value.voucherSheetText(shown.length, codes.length - shown.length)}
        </p>
      )}
      <ul class="voucher-cards">
        {shown.map((it) => (
          <Card key={it.number} batch={batch} code={it} />
        ))}
      </ul>
    </>
  );
}

function Card({ batch, code }: { batch: VoucherBatchDetail; code: VoucherCode }) {
  return (
    <li>
      <p class="voucher-head">
        <span>{strings.value.appName}</span>
        <span>{batch.name}</span>
      </p>
      <p class="voucher-gives">{givesText(batch)}</p>
      <p class="voucher-code">{code.code}</p>
      <p>{words.value.voucherHow(siteUrl('').replace(/^https?:\/\//, ''))}</p>
      {batch.expires_at !== null && <p>{words.value.voucherValidUntil(time(batch.expires_at))}</p>}
    </li>
  );
}
