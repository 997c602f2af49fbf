/** `chit.json` cannot be read, or is invalid. */
export class DeploymentError extends Error {
  /** Sentences, each with the place in the file that it is about. */
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.faults = faults;
  }
}
