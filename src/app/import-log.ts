/** What there is to report of an import. */

/** What was done, or would be. */
export interface ImportReport {
  readonly users: Counts;
  readonly superusers: Counts;
  readonly chats: Counts;
  /** One sentence for each thing that is not as it was there. */
  readonly problems: readonly string[];
  /** How many more there were. */
  readonly moreProblems: number;
}

/** How many. */
export interface Counts {
  imported: number;
  known: number;
  skipped: number;
}

/** Gathers what there is to report. */
export class ImportLog {
  readonly users: Counts = { imported: 0, known: 0, skipped: 0 };
  readonly superusers: Counts = { imported: 0, known: 0, skipped: 0 };
  readonly chats: Counts = { imported: 0, known: 0, skipped: 0 };
  readonly problems: string[] = [];
  moreProblems = 0;

  tell(problem: string): void {
    if (this.problems.length < MOST_PROBLEMS) this.problems.push(problem);
    else this.moreProblems += 1;
  }
}

const MOST_PROBLEMS = 100;
