/** Streams of models that call tools, in pieces, as OpenAI and Anthropic send them. */

interface Call {
  readonly name: string;
  readonly input: object;
}

interface StreamedUsage {
  readonly input: number;
  readonly output: number;
  /** How much of the output was thought; only with Chat Completions. */
  readonly thought?: number;
}

/** What one response has, in neutral terms. */
export interface Streamed {
  readonly text?: string;
  /** What the model thinks before. */
  readonly thinking?: string;
  /** What it thinks in secret after that; only with Messages. */
  readonly redacted?: string;
  readonly calls?: readonly Call[];
  /** Left out if undefined. */
  readonly usage?: StreamedUsage | undefined;
}

function event(data: object, name?: string): string {
  return `${name ? `event: ${name}\n` : ''}data: ${JSON.stringify(data)}\n\n`;
}

/** A text in pieces of three characters. */
function pieces(text: string): string[] {
  return text.match(/.{1,3}/gs) ?? [];
}

/** A stream of Chat Completions. */
export function openAiStream({ text = '', thinking = '', calls = [], usage }: Streamed): string {
  const delta = (of: object) => event({ id: 'c', choices: [{ index: 0, delta: of }] });
  const deltas = [
    ...pieces(thinking).map((it) => delta({ reasoning_content: it })),
    ...pieces(text).map((content) => delta({ content })),
  ];
  calls.forEach(({ name, input }, index) => {
    const call = (of: object) => deltas.push(delta({ tool_calls: [{ index, ...of }] }));
    call({ id: `call_${index}`, type: 'function', function: { name, arguments: '' } });
    for (const it of pieces(JSON.stringify(input))) call({ function: { arguments: it } });
  });
  const reason = calls.length > 0 ? 'tool_calls' : 'stop';
  deltas.push(event({ id: 'c', choices: [{ index: 0, delta: {}, finish_reason: reason }] }));
  if (usage) {
    const { input: prompt_tokens, output: completion_tokens, thought } = usage;
    const details =
      thought === undefined ? {} : { completion_tokens_details: { reasoning_tokens: thought } };
    const told = { prompt_tokens, completion_tokens, ...details };
    deltas.push(event({ id: 'c', choices: [], usage: told }));
  }
  return `${deltas.join('')}data: [DONE]\n\n`;
}

/** The signature of a thought in a stream of Messages. */
export function signatureOf(thinking: string): string {
  return `signed:${Buffer.from(thinking).toString('base64')}`;
}

/** A stream of Messages. */
export function anthropicStream(streamed: Streamed): string {
  const { text = '', thinking = '', redacted, calls = [], usage } = streamed;
  const all: string[] = [];
  const add = (data: { readonly type: string; readonly [member: string]: unknown }) =>
    all.push(event(data, data.type));
  const started = usage ? { usage: { input_tokens: usage.input, output_tokens: 1 } } : {};
  add({ type: 'message_start', message: { id: 'm', role: 'assistant', ...started } });
  const block = (index: number, content_block: object, deltas: readonly object[]) => {
    add({ type: 'content_block_start', index, content_block });
    for (const delta of deltas) add({ type: 'content_block_delta', index, delta });
    add({ type: 'content_block_stop', index });
  };
  let index = 0;
  if (thinking !== '') {
    const thoughts = pieces(thinking).map((it) => ({ type: 'thinking_delta', thinking: it }));
    const signed = pieces(signatureOf(thinking)).map((signature) => {
      return { type: 'signature_delta', signature };
    });
    block(index, { type: 'thinking', thinking: '', signature: '' }, [...thoughts, ...signed]);
    index += 1;
  }
  if (redacted !== undefined) {
    block(index, { type: 'redacted_thinking', data: redacted }, []);
    index += 1;
  }
  if (text !== '') {
    const deltas = pieces(text).map((it) => ({ type: 'text_delta', text: it }));
    block(index, { type: 'text', text: '' }, deltas);
    index += 1;
  }
  for (const { name, input } of calls) {
    const deltas = pieces(JSON.stringify(input)).map((partial_json) => {
      return { type: 'input_json_delta', partial_json };
    });
    block(index, { type: 'tool_use', id: `toolu_${index}`, name, input: {} }, deltas);
    index += 1;
  }
  const stop_reason = calls.length > 0 ? 'tool_use' : 'end_turn';
  const output = usage ? { usage: { output_tokens: usage.output } } : {};
  add({ type: 'message_delta', delta: { stop_reason }, ...output });
  add({ type: 'message_stop' });
  return all.join('');
}
