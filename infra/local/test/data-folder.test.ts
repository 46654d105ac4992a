import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { assertOwnData } from '../data-folder.ts';
import { readDemo } from '../demo-tenant.ts';
import { startMesh } from '../mesh.ts';
import { randomPorts } from '../ports.ts';
import { loadSecrets } from '../secrets.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'recado-data-'));
  chmodSync(dataDir, 0o711);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(dataDir, { recursive: true, force: true });
});

test('a truncated secrets.json gives one sentence that says how to repair it', () => {
  const made = loadSecrets(dataDir);
  expect(loadSecrets(dataDir)).toEqual(made);
  const path = join(dataDir, 'secrets.json');
  truncateSync(path, 40);
  expect(() => loadSecrets(dataDir)).toThrow(
    `${path} is cut short or damaged: put a copy of it back, or wipe all data with npm run reset.`,
  );
});

test('a truncated demo.json gives one sentence that says how to repair it', () => {
  expect(readDemo(dataDir)).toBeNull();
  const path = join(dataDir, 'demo.json');
  writeFileSync(path, '{"organization": "Tienda D');
  expect(() => readDemo(dataDir)).toThrow(`${path} is cut short or damaged: `);
});

test('data of another user gives one sentence with both users and the possible repairs', () => {
  mkdirSync(join(dataDir, 'nats'));
  assertOwnData(dataDir);
  const me = process.getuid!();
  vi.spyOn(process, 'getuid').mockReturnValue(me + 54_321);
  expect(() => assertOwnData(dataDir)).toThrow(
    /^\S+ was made by the user \S+, and you are number \d+: run npm start as \S+, or keep other data by RECADO_DATA_DIR=<folder> npm start\.$/,
  );
});

test('a folder that does not exist yet belongs to the user that creates it', () => {
  expect(() => assertOwnData(join(dataDir, 'nothing'))).not.toThrow();
});

test('when a server does not come up, the error shows the end of its own log', async () => {
  const ports = await randomPorts();
  const blocker = createServer().listen(ports.nats, '127.0.0.1');
  await new Promise((resolve) => blocker.once('listening', resolve));
  const error = await startMesh({ dataDir, ports, services: [], sandbox: false, onLine: () => undefined }).then(
    async (mesh) => {
      await mesh.stop();
      return new Error('it came up');
    },
    (reason: Error) => reason,
  );
  blocker.close();
  expect(error.message).toMatch(/^nats \(.+\) does not answer: /);
  expect(error.message).toContain('The end of the log of nats:');
  const lastLine = readFileSync(join(dataDir, 'logs/nats.log'), 'utf8').trimEnd().split('\n').at(-1)!;
  expect(error.message).toContain(lastLine);
});
