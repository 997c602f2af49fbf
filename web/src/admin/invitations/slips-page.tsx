import { query } from '../../state/router.ts';
import { siteUrl } from '../../state/site-address.ts';
import { strings, time } from '../../strings/strings.ts';
import type { InvitationSlip } from '../types.ts';
import { apiQuery } from '../ui/filter-query.ts';
import { PageHeading } from '../ui/page-heading.tsx';
import { Failure, useResource } from '../ui/resource.tsx';
import { words } from '../words/words.ts';
import { QrCode, useQrEncoder } from './qr-code.tsx';

/** Slips to print and cut out: one for everybody who has not come yet. */
export function SlipsPage() {
  const asked = apiQuery(query.value, ['batch', 'group', 'id'], '');
  const { data, failure, reload } = useResource<{ invitations: InvitationSlip[] }>(
    `/api/admin/invitations/codes/?${asked}`,
  );
  const encode = useQrEncoder();
  const slips = data?.invitations ?? [];
  return (
    <>
      <header class="page-head">
        <PageHeading title={words.value.invitationPrint} />
        <a class="button quiet" href={`/admin/invitations?${asked}`}>
          {words.value.invitationAll}
        </a>
        {slips.length > 0 && (
          <button type="button" class="primary" onClick={() => print()}>
            {words.value.voucherPrint}
          </button>
        )}
      </header>
      {failure && <Failure failure={failure} onRetry={reload} />}
      {data && <p class="hint">{words.value.invitationSheetText(slips.length)}</p>}
      <ul class="voucher-cards invitation-slips">
        {slips.map((it) => (
          <Slip key={it.id} slip={it} encode={encode} />
        ))}
      </ul>
    </>
  );
}

function Slip(props: { slip: InvitationSlip; encode: ReturnType<typeof useQrEncoder> }) {
  const { slip, encode } = props;
  const { name, username, groups, code, path } = slip;
  return (
    <li>
      <p class="voucher-head">
        <span>{strings.value.appName}</span>
        <span>{groups.join(', ')}</span>
      </p>
      <div class="slip-body">
        <div class="slip-text">
          <p class="voucher-gives">{name}</p>
          {username !== null && username !== name && (
            <p>{words.value.invitationSlipName(username)}</p>
          )}
          <p>{words.value.invitationSlipOpen}</p>
          <p class="slip-site">{siteUrl('').replace(/^https?:\/\//, '')}</p>
          <p>{words.value.invitationSlipType}</p>
          <p class="voucher-code">{code}</p>
        </div>
        {encode && (
          <QrCode encode={encode} text={siteUrl(path)} label={words.value.invitationQr(name)} />
        )}
      </div>
      <p>
        {username === null
          ? words.value.invitationSlipChooseBoth
          : words.value.invitationSlipChoose}
      </p>
      <p>{words.value.invitationSlipUntil(time(slip.expires_at))}</p>
    </li>
  );
}
