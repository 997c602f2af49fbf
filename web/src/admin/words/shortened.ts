/** As much of a line as is needed to know it again. */
const MOST_QUOTED = 60;

/** What somebody wrote, as far as it is quoted. */
export function shortened(text: string): string {
  return text.length > MOST_QUOTED ? `${text.slice(0, MOST_QUOTED)}…` : text;
}
