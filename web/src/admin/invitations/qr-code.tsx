/** QR codes; the code that draws them is loaded with the first page of slips. */
import { useEffect, useState } from 'preact/hooks';

type Encode = typeof import('uqr')['encode'];

/** Draws QR codes once it is loaded; undefined before, and if it cannot be loaded. */
export function useQrEncoder(): Encode | undefined {
  const [encode, setEncode] = useState<Encode>();
  useEffect(() => {
    import('uqr').then(
      (uqr) => setEncode(() => uqr.encode),
      () => undefined,
    );
  }, []);
  return encode;
}

/** A text as a QR code: black on white in every theme, as cameras want it. */
export function QrCode({ encode, text, label }: { encode: Encode; text: string; label: string }) {
  const { data, size } = encode(text, { ecc: 'M', border: 2 });
  return (
    <svg
      class="qr-code"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      shape-rendering="crispEdges"
    >
      <path fill="white" d={`M0 0h${size}v${size}H0z`} />
      <path fill="black" d={modulesPath(data)} />
    </svg>
  );
}

/** The dark modules, a rectangle for each run of a row. */
function modulesPath(rows: readonly (readonly boolean[])[]): string {
  let path = '';
  for (const [y, row] of rows.entries()) {
    for (let x = 0; x < row.length; x += 1) {
      if (!row[x]) continue;
      const from = x;
      while (row[x + 1]) x += 1;
      path += `M${from} ${y}h${x + 1 - from}v1H${from}z`;
    }
  }
  return path;
}
