/** What the APIs of providers send for a reply of one word, in the order of a stream. */

export interface WireEvents {
  readonly opening: string;
  readonly word: (word: string) => string;
  /** Says why the reply ends; with Anthropic, no more than that its text is complete. */
  readonly finish: string;
  /** The rest of the stream, with the usage or without. */
  readonly ending: (usage: { input: number; output: number } | undefined) => string;
  /** A whole answer. */
  readonly whole: (word: string, usage: { input: number; output: number } | undefined) => object;
  /** The words in what a client received. */
  readonly wordsIn: (received: string) => string;
}

const data = (json: object) => `data: ${JSON.stringify(json)}\n\n`;
const named = (json: { readonly type: string; readonly [member: string]: unknown }) =>
  `event: ${json.type}\n${data(json)}`;

const CHUNK = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm' };
const chunk = (delta: object, finish_reason: string | null = null) =>
  data({ ...CHUNK, choices: [{ index: 0, delta, finish_reason }] });
const openAiUsage = ({ input, output }: { input: number; output: number }) => ({
  prompt_tokens: input,
  completion_tokens: output,
  total_tokens: input + output,
});
const usage = ({ input, output }: { input: number; output: number }) => ({
  input_tokens: input,
  output_tokens: output,
});
const RESPONSE = { id: 'resp_1', object: 'response', created_at: 1, model: 'm' };
const TEXT_AT = { item_id: 'msg_1', output_index: 0, content_index: 0 };
const MESSAGE = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm' };

export const WIRE_EVENTS: Readonly<Record<string, WireEvents>> = {
  '/v1/chat/completions': {
    opening: chunk({ role: 'assistant', content: '' }),
    word: (word) => chunk({ content: word }),
    finish: chunk({}, 'stop'),
    ending: (told) =>
      `${told ? data({ ...CHUNK, choices: [], usage: openAiUsage(told) }) : ''}data: [DONE]\n\n`,
    whole: (word, told) => ({
      ...CHUNK,
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content: word }, finish_reason: 'stop' }],
      ...(told ? { usage: openAiUsage(told) } : {}),
    }),
    wordsIn: (received) => wordsBy(/"content":"([^"]*)"/g, received),
  },
  '/v1/responses': {
    opening: named({
      type: 'response.created',
      sequence_number: 0,
      response: { ...RESPONSE, status: 'in_progress', output: [] },
    }),
    word: (word) =>
      named({
        type: 'response.output_text.delta',
        sequence_number: 1,
        ...TEXT_AT,
        delta: word,
      }),
    finish: named({
      type: 'response.output_text.done',
      sequence_number: 2,
      ...TEXT_AT,
      text: '',
    }),
    ending: (told) => {
      const response = { ...RESPONSE, status: 'completed', output: [] };
      return named({
        type: 'response.completed',
        sequence_number: 3,
        response: told ? { ...response, usage: usage(told) } : response,
      });
    },
    whole: (word, told) => ({
      ...RESPONSE,
      status: 'completed',
      output: [
        {
          type: 'message',
          id: 'msg_1',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: word, annotations: [] }],
        },
      ],
      ...(told ? { usage: usage(told) } : {}),
    }),
    wordsIn: (received) => wordsBy(/"delta":"([^"]*)"/g, received),
  },
  '/v1/messages': {
    opening:
      named({
        type: 'message_start',
        message: { ...MESSAGE, content: [], usage: usage({ input: 20, output: 1 }) },
      }) +
      named({
        type: 'content_block_start',
        index: 0,
        content_block: { type: 'text', text: '' },
      }),
    word: (text) =>
      named({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
    finish: named({ type: 'content_block_stop', index: 0 }),
    ending: (told) => {
      const delta = { stop_reason: 'end_turn', stop_sequence: null };
      const end = { type: 'message_delta', delta };
      const counts = told && { usage: { output_tokens: told.output } };
      return named({ ...end, ...counts }) + named({ type: 'message_stop' });
    },
    whole: (word, told) => ({
      ...MESSAGE,
      content: [{ type: 'text', text: word }],
      stop_reason: 'end_turn',
      ...(told ? { usage: usage(told) } : {}),
    }),
    wordsIn: (received) => wordsBy(/"text_delta","text":"([^"]*)"/g, received),
  },
};

function wordsBy(pattern: RegExp, received: string): string {
  return [...received.matchAll(pattern)].map(([, word]) => word).join('');
}
