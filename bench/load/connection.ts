import { connect, type Socket } from 'node:net';

const READ_BUFFER_BYTES = 65_536;
const HEAD_END = '\r\n\r\n';

interface Exchange {
  readonly resolve: (status: number) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One HTTP/1.1 connection that is kept open, with one request in flight. It understands what the
 * two servers answer, bodies of a stated length, and nothing more: the generator must be much
 * cheaper than what it measures.
 */
export class Connection {
  readonly #socket: Socket;
  #received = '';
  #exchange: Exchange | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static open(port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      let connection: Connection | undefined;
      const buffer = Buffer.allocUnsafe(READ_BUFFER_BYTES);
      // One buffer for the life of the connection, in place of a new one for each read.
      const callback = (count: number) => {
        connection?.receive(buffer.toString('latin1', 0, count));
        return true;
      };
      const target = { host: '127.0.0.1', port, noDelay: true, onread: { buffer, callback } };
      const socket = connect(target, () => {
        connection = new Connection(socket);
        resolve(connection);
      });
      socket.on('error', (error) => {
        if (connection) connection.fail(error);
        else reject(error);
      });
      socket.on('close', () => {
        connection?.fail(new Error('The server closed a connection in the middle of a request.'));
      });
    });
  }

  /** Sends a whole request as it stands; resolves to the status of the answer. */
  send(request: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#exchange = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#exchange = undefined;
    this.#socket.destroy();
  }

  /** Collects bytes, one character each, until the response is complete. */
  receive(text: string): void {
    this.#received += text;
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd === -1) return;
    const length = /\r\ncontent-length: (\d+)\r\n/i.exec(this.#received)?.[1];
    if (length === undefined) {
      this.fail(new Error(`An answer does not say its length:\n${this.#received}`));
      return;
    }
    if (this.#received.length < headEnd + HEAD_END.length + Number(length)) return;
    const status = Number(this.#received.slice(9, 12));
    this.#received = '';
    const exchange = this.#exchange;
    this.#exchange = undefined;
    exchange?.resolve(status);
  }

  /** Fails the request in flight, if any. */
  fail(error: Error): void {
    this.#exchange?.reject(error);
    this.#exchange = undefined;
  }
}
