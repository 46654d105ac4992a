import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { assertPortsFree, DEFAULT_PORTS, portsFrom, randomPorts } from '../ports.ts';

test('a taken port is named with the setting that changes it', async () => {
  const ports = await randomPorts();
  const blocker = createServer().listen(ports['channel-connector'], '127.0.0.1');
  await new Promise((resolve) => blocker.once('listening', resolve));
  await expect(assertPortsFree(ports)).rejects.toThrow(
    `A port is taken already:\n  ${ports['channel-connector']} (channel-connector): choose another by RECADO_CHANNEL_CONNECTOR_PORT=<port> npm start`,
  );
  await assertPortsFree(ports, ['channel-connector']);
  await new Promise((resolve) => blocker.close(resolve));
  await assertPortsFree(ports);
});

test('the environment moves one port and leaves the others', () => {
  expect(portsFrom({ RECADO_GATEWAY_PORT: '8080' })).toEqual({ ...DEFAULT_PORTS, gateway: 8080 });
  expect(() => portsFrom({ RECADO_NATS_PORT: 'many' })).toThrow('RECADO_NATS_PORT is no port: many');
});

test('no command of README says localhost, which may be another program that listens on [::1] only', () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const commands = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block).join('\n');
  expect(commands).toContain('curl -s 127.0.0.1:3000');
  expect(commands).not.toContain('localhost');
});
