import { locale } from '../../strings/strings.ts';

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** How large a file is, such as 1.2 MB. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let step = 0;
  while (value >= 999.5 && step < UNITS.length - 1) {
    value /= 1000;
    step += 1;
  }
  const maximumFractionDigits = step > 0 && value < 10 ? 1 : 0;
  const unitDisplay = step === 0 ? 'long' : 'short';
  const unit = { style: 'unit', unit: UNITS[step], unitDisplay } as const;
  return new Intl.NumberFormat(locale.value, { ...unit, maximumFractionDigits }).format(value);
}
