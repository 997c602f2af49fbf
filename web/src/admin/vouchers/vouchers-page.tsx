import { number, strings, time } from '../../strings/strings.ts';
import type { VoucherBatch } from '../types.ts';
import { PageHeading } from '../ui/page-heading.tsx';
import { Loaded, LoadMore, usePages } from '../ui/resource.tsx';
import { TableFrame } from '../ui/tables.tsx';
import { words } from '../words/words.ts';
import { givesText, stateText } from './batch-text.ts';

/** All batches of vouchers, newest first. */
export function VouchersPage() {
  const pages = usePages<VoucherBatch>('/api/admin/vouchers/', 'batches');
  return (
    <>
      <header class="page-head">
        <PageHeading title={words.value.vouchers} />
        <a class="button primary" href="/admin/vouchers/new">
          {words.value.voucherNew}
        </a>
      </header>
      <p class="hint">{words.value.vouchersText}</p>
      <Loaded resource={pages} empty={words.value.voucherNone}>
        {(batches) => (
          <TableFrame name={words.value.vouchers}>
            <table class="data">
              <thead>
                <tr>
                  <th>{words.value.voucherName}</th>
                  <th>{words.value.voucherGives}</th>
                  <th class="number spare">{words.value.voucherCodes}</th>
                  <th class="number">{words.value.voucherRedeemed}</th>
                  <th class="spare">{words.value.voucherExpires}</th>
                  <th>{words.value.voucherState}</th>
                  <th class="spare">{strings.value.when}</th>
                </tr>
              </thead>
              <tbody>
                {batches.map((it) => (
                  <Row key={it.id} batch={it} />
                ))}
              </tbody>
            </table>
          </TableFrame>
        )}
      </Loaded>
      <LoadMore pages={pages} />
    </>
  );
}

function Row({ batch }: { batch: VoucherBatch }) {
  return (
    <tr>
      <td class="wide">
        <a href={`/admin/vouchers/${batch.id}`}>{batch.name}</a>
      </td>
      <td class="wraps">{givesText(batch)}</td>
      <td class="number spare">{number(batch.codes)}</td>
      <td class="number">{number(batch.redeemed)}</td>
      <td class="spare">
        {batch.expires_at === null ? words.value.voucherNeverExpires : time(batch.expires_at)}
      </td>
      <td class="wraps">{stateText(batch)}</td>
      <td class="spare">{time(batch.created_at)}</td>
    </tr>
  );
}
