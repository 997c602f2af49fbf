/** The health check of the image: exits with 0 if the server in this container answers. */
import { request } from 'node:http';

const port = process.env.CHIT_PORT || '8000';
const asked = request({ host: '127.0.0.1', port, path: '/healthz', timeout: 4_000 });
asked.on('response', (response) => process.exit(response.statusCode === 200 ? 0 : 1));
asked.on('timeout', () => process.exit(1));
asked.on('error', () => process.exit(1));
asked.end();
