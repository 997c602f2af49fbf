/** An error that exists only on this wire: its status and body are known where it is thrown. */
export class HttpError extends Error {
  readonly statusCode: number;
  readonly body: object;
  readonly headers: Readonly<Record<string, string>>;

  constructor(statusCode: number, body: object, headers: Record<string, string> = {}) {
    super(`HTTP ${statusCode}`);
    this.name = 'HttpError';
    this.statusCode = statusCode;
    this.body = body;
    this.headers = headers;
  }
}
