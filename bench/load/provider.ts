/**
 * A provider that does nothing but answer, so that what stands in front of it is what is measured.
 * It speaks as much of OpenAI's chat completions as a relay needs to see. The first message says
 * how: `{"chunks": 50, "delayMs": 20}` for a stream. Every piece of a stream carries the moment of
 * its sending, `@NANOSECONDS@` on the clock that all processes of a machine share.
 */
import { createServer, type Socket } from 'node:net';

const HEAD_END = '\r\n\r\n';
const USAGE = { prompt_tokens: 12, completion_tokens: 50, total_tokens: 62 };
const TEXT = 'A reply of a sentence or two, as long as most first lines of an answer are. '.repeat(
  3,
);
const WHOLE = answerWith(
  'application/json',
  JSON.stringify({
    id: 'c',
    object: 'chat.completion',
    created: 0,
    model: 'bench',
    usage: USAGE,
    choices: [{ index: 0, message: { role: 'assistant', content: TEXT }, finish_reason: 'stop' }],
  }),
);
const STREAM_HEAD =
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';
const LAST =
  event({ ...chunkOf({}), choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }) +
  event({ ...chunkOf({}), choices: [], usage: USAGE }) +
  framed('data: [DONE]\n\n') +
  framed('');

interface Wanted {
  readonly chunks: number;
  readonly delayMs: number;
}

function answerWith(type: string, body: string): string {
  const length = Buffer.byteLength(body);
  return `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n${body}`;
}

function chunkOf(delta: object): object {
  const choices = [{ index: 0, delta, finish_reason: null }];
  return { id: 'c', object: 'chat.completion.chunk', created: 0, model: 'bench', choices };
}

function event(value: object): string {
  return framed(`data: ${JSON.stringify(value)}\n\n`);
}

function framed(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

function stream(socket: Socket, { chunks, delayMs }: Wanted): void {
  socket.write(STREAM_HEAD);
  let sent = 0;
  const sendOne = () => {
    if (socket.destroyed) return clearInterval(timer);
    const content = `word @${process.hrtime.bigint()}@ `;
    socket.write(event(chunkOf({ content })));
    sent += 1;
    if (sent < chunks) return;
    clearInterval(timer);
    socket.write(LAST);
  };
  const timer = delayMs > 0 ? setInterval(sendOne, delayMs) : undefined;
  if (timer) return;
  while (sent < chunks) sendOne();
}

function answer(socket: Socket, body: string): void {
  const { stream: isStream, messages } = JSON.parse(body) as {
    stream?: boolean;
    messages: { content: string }[];
  };
  if (isStream) stream(socket, JSON.parse(messages[0]?.content ?? '') as Wanted);
  else socket.write(WHOLE);
}

const server = createServer({ noDelay: true }, (socket) => {
  let received = '';
  socket.setEncoding('latin1');
  socket.on('error', () => socket.destroy());
  socket.on('data', (text: string) => {
    received += text;
    const headEnd = received.indexOf(HEAD_END);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(received)?.[1] ?? 0);
    const end = headEnd + HEAD_END.length + length;
    if (headEnd === -1 || received.length < end) return;
    const body = received.slice(headEnd + HEAD_END.length, end);
    received = received.slice(end);
    answer(socket, body);
  });
});
server.listen({ host: '127.0.0.1', port: 0, backlog: 1024 }, () => {
  const { port } = server.address() as { port: number };
  process.stdout.write(`The provider listens on http://127.0.0.1:${port}/\n`);
});
process.once('SIGTERM', () => process.exit(0));
