/** How the journal keeps apart what a model thought and what it asked of tools. */

/**
 * A noncharacter, which is for use inside of programs and not in text that is passed on
 * (Unicode, section 23.7); both databases store it.
 */
const BEFORE_TOOL_OUTPUT = '\u{FFFF}';
const REPLACEMENT = '\u{FFFD}';

/** What a model wrote beside its reply. */
export interface OutputBesideReply {
  /** Output that is not part of the reply, such as what the model thought. */
  readonly nonReplyOutput: string;
  /** What it asked of tools of the page. */
  readonly toolOutput: string;
}

/** Both as the text of one piece of the journal. */
export function joinedOutput({ nonReplyOutput, toolOutput }: OutputBesideReply): string {
  const first = withoutMark(nonReplyOutput);
  return toolOutput === '' ? first : first + BEFORE_TOOL_OUTPUT + withoutMark(toolOutput);
}

/** What the pieces of a journal say of both. */
export function outputIn(pieces: readonly string[]): OutputBesideReply {
  let nonReplyOutput = '';
  let toolOutput = '';
  for (const piece of pieces) {
    const [first = '', second = ''] = piece.split(BEFORE_TOOL_OUTPUT);
    nonReplyOutput += first;
    toolOutput += second;
  }
  return { nonReplyOutput, toolOutput };
}

function withoutMark(text: string): string {
  return text.replaceAll(BEFORE_TOOL_OUTPUT, REPLACEMENT);
}
