/** What a text of the log says; names and dates are in the reader's language. */
export type LoggedPeriod =
  | { readonly kind: 'hours'; readonly hours: number }
  | { readonly kind: 'day' | 'none' }
  | { readonly kind: 'week'; readonly weekday: string }
  | { readonly kind: 'month'; readonly day: number }
  | {
      readonly kind: 'term';
      readonly terms: number;
      readonly first: string;
      readonly last: string;
    };
