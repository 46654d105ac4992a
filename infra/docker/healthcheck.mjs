// Exit 0 when the service in this container says it is ready. Plain node:http: the image carries no curl, and fetch would
// cost every check twice the time.
import { get } from 'node:http';

const request = get(
  { host: '127.0.0.1', port: process.env.PORT ?? 3000, path: '/health/ready', timeout: 2500 },
  (answer) => process.exit(answer.statusCode === 200 ? 0 : 1),
);
request.on('timeout', () => process.exit(1));
request.on('error', () => process.exit(1));
