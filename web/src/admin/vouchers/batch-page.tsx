import { call } from '../../api/client.ts';
import { download } from '../../api/download.ts';
import { query } from '../../state/router.ts';
import { number, time } from '../../strings/strings.ts';
import type { VoucherBatchDetail, VoucherCode } from '../types.ts';
import { confirmAction } from '../ui/confirm.tsx';
import { NotFoundPage, PageHeading } from '../ui/page-heading.tsx';
import { Failure, Loaded, LoadMore, usePages, useResource } from '../ui/resource.tsx';
import { TableFrame } from '../ui/tables.tsx';
import { runAction } from '../ui/toast.tsx';
import { words } from '../words/words.ts';
import { givesText, isOpen, stateText } from './batch-text.ts';
import { VoucherSheet } from './voucher-sheet.tsx';

/** One batch of vouchers: its codes, who redeemed them, and its sheet. */
export function BatchPage({ id }: { id: string }) {
  const address = `/api/admin/vouchers/${encodeURIComponent(id)}/`;
  const { data: batch, failure, reload } = useResource<VoucherBatchDetail>(address);
  if (failure?.status === 404) {
    const { voucherNotFound, voucherNotFoundText } = words.value;
    return <NotFoundPage title={voucherNotFound} text={voucherNotFoundText(id)} />;
  }
  if (!batch) {
    return failure ? <Failure failure={failure} onRetry={reload} /> : <p aria-busy="true" />;
  }
  if (query.value.get('view') === 'sheet') return <VoucherSheet batch={batch} address={address} />;
  return (
    <>
      <header class="page-head">
        <PageHeading title={batch.name}>
          {!isOpen(batch) && <span class="chip off">{stateText(batch)}</span>}
        </PageHeading>
      </header>
      <Facts batch={batch} />
      <Actions batch={batch} address={address} onDone={reload} />
      <Codes key={batch.ended_at} address={`${address}codes/`} name={batch.name} />
    </>
  );
}

function Facts({ batch }: { batch: VoucherBatchDetail }) {
  const { voucherUsedOf, voucherLimitsText, voucherMadeText } = words.value;
  const facts = [
    [words.value.voucherGives, givesText(batch)],
    [words.value.voucherUsed, voucherUsedOf(batch.used_codes, batch.codes)],
    [
      words.value.voucherExpires,
      batch.expires_at === null ? words.value.voucherNeverExpires : time(batch.expires_at),
    ],
    [words.value.voucherLimits, voucherLimitsText(batch.uses_per_code, batch.uses_per_user)],
    [
      words.value.voucherMadeBy,
      voucherMadeText(time(batch.created_at), batch.made_by_name ?? batch.made_by),
    ],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Actions(props: { batch: VoucherBatchDetail; address: string; onDone: () => void }) {
  const { batch, address, onDone } = props;
  const csv = () => download(`${address}codes/?format=csv`, 'vouchers.csv');
  const end = async () => {
    const answer = await confirmAction({
      title: words.value.voucherEndTitle(batch.name),
      sentences: [words.value.voucherEndText(batch.codes - batch.used_codes)],
      label: words.value.voucherEnd,
      isDangerous: true,
      hasReason: 'optional',
    });
    if (!answer) return;
    const body = answer.reason === '' ? {} : { reason: answer.reason };
    const isDone = await runAction(
      () => call('POST', `${address}end/`, body),
      words.value.voucherEndDone,
    );
    if (isDone) onDone();
  };
  return (
    <div class="actions">
      <a class="button" href={`/admin/vouchers/${batch.id}?view=sheet`}>
        {words.value.voucherSheet}
      </a>
      <button type="button" onClick={() => void runAction(csv)}>
        {words.value.downloadCsv}
      </button>
      {batch.ended_at === null && (
        <button type="button" class="danger" onClick={() => void end()}>
          {words.value.voucherEnd}
        </button>
      )}
      <a class="button quiet" href={`/admin/audit?target=voucher:${batch.id}`}>
        {words.value.auditEntries}
      </a>
    </div>
  );
}

function Codes({ address, name }: { address: string; name: string }) {
  const pages = usePages<VoucherCode>(address, 'codes');
  return (
    <>
      <Loaded resource={pages}>
        {(codes) => (
          <>
            {codes[0]?.hint === null && (
              <p class="notice">{words.value.errors.voucher_codes_lost as string}</p>
            )}
            <TableFrame name={name}>
              <table class="data">
                <thead>
                  <tr>
                    <th class="number">{words.value.voucherNumber}</th>
                    <th>{words.value.voucherHint}</th>
                    <th class="number">{words.value.voucherUses}</th>
                    <th>{words.value.voucherBy}</th>
                  </tr>
                </thead>
                <tbody>
                  {codes.map((it) => (
                    <CodeRow key={it.number} code={it} />
                  ))}
                </tbody>
              </table>
            </TableFrame>
          </>
        )}
      </Loaded>
      <LoadMore pages={pages} />
    </>
  );
}

function CodeRow({ code }: { code: VoucherCode }) {
  return (
    <tr>
      <td class="number">{number(code.number)}</td>
      <td>
        <code>{code.hint === null ? '' : `…${code.hint}`}</code>
      </td>
      <td class="number">{number(code.uses)}</td>
      <td class="wide">
        {code.redeemed_by.map(({ id, username, at }) => (
          <span key={`${id} ${at}`} class="beneath-each">
            <a href={`/admin/users/${id}`}>{username ?? words.value.deletedUser}</a> {time(at)}
          </span>
        ))}
      </td>
    </tr>
  );
}
