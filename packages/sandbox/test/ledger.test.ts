import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSandboxControl, startSandbox } from '../src/index.ts';
import { openLedger } from '../src/ledger/ledger.ts';
import { demoNumber, sendText } from './harness.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('pages follow one another without gap or repeat', async () => {
  const sandbox = await startSandbox();
  await sandbox.control.addNumber(demoNumber);
  for (let nth = 0; nth < 25; nth++) await sendText(sandbox, `55119777700${10 + (nth % 2)}`, `m${nth}`);
  const texts: (string | null)[] = [];
  let since = 0;
  for (let hasMore = true; hasMore; ) {
    const page = await sandbox.control.ledger('messages', { since, limit: 10 });
    texts.push(...page.items.map((row) => row.text));
    ({ hasMore, next: since } = page);
  }
  expect(texts).toEqual(Array.from({ length: 25 }, (_, nth) => `m${nth}`));
  expect(await sandbox.control.ledgerMessages({ to: '5511977770011' })).toHaveLength(12);
  await sandbox.control.clearLedger();
  await sendText(sandbox, '5511977770010', 'after');
  expect(await sandbox.control.ledgerMessages({ since })).toMatchObject([{ sequence: 26, text: 'after' }]);
  await sandbox.stop();
});

test('a ledger with a file survives a restart, a torn last line included, and so do the numbers', async () => {
  const ledgerFile = join(folder, 'ledger.ndjson');
  const first = await startSandbox({ ledgerFile, seed: 's' });
  await first.control.addNumber(demoNumber);
  await sendText(first, '5511977770010', 'before');
  await first.stop();
  await appendFile(ledgerFile, '["messages",{"sequ');
  const second = await startSandbox({ ledgerFile, seed: 's' });
  await sendText(second, '5511977770010', 'after');
  const rows = await second.control.ledgerMessages();
  expect(rows).toMatchObject([
    { sequence: 1, text: 'before' },
    { sequence: 2, text: 'after' },
  ]);
  expect(new Set(rows.map((row) => row.wamid)).size).toBe(2);
  await second.stop();
  expect(await readFile(ledgerFile, 'utf8')).toContain('"after"');
});

test('memory is bounded: the oldest rows leave first', async () => {
  const ledger = await openLedger({ maxRows: 10 });
  for (let nth = 0; nth < 5000; nth++)
    ledger.append('receipts', { provider: 'meta', phoneNumberId: '1', messageId: `m${nth}`, typing: false });
  const page = ledger.page('receipts', { since: 0 });
  expect(page.items.map((row) => row.sequence)).toEqual(Array.from({ length: 10 }, (_, nth) => 4991 + nth));
  expect(page).toMatchObject({ hasMore: false, next: 5000 });
  expect(ledger.page('receipts', { since: 4998 }).items.map((row) => row.messageId)).toEqual(['m4998', 'm4999']);
  expect(ledger.page('receipts', { since: 9999 }).items).toEqual([]);
});

test('the control API asks for its token when it has one, and names what is wrong', async () => {
  const sandbox = await startSandbox({ controlToken: 'secret' });
  const stranger = createSandboxControl(sandbox.url);
  await expect(stranger.state()).rejects.toThrow('401');
  await expect(sandbox.control.setBehaviour({ duplicateRate: 2 })).rejects.toThrow('duplicateRate');
  await expect(sandbox.control.customerSays({ phoneNumberId: '9', from: '1', text: 'x' })).rejects.toThrow('404');
  await stranger.close();
  await sandbox.stop();
});

test('the same seed gives the same ids and the same faults', async () => {
  const run = async () => {
    const sandbox = await startSandbox({ seed: 'repeat' });
    await sandbox.control.addNumber(demoNumber);
    await sandbox.control.setBehaviour({ errorRate: 0.5 });
    const statuses: number[] = [];
    for (let nth = 0; nth < 20; nth++) statuses.push((await sendText(sandbox, '5511977770010', `${nth}`)).status);
    const wamids = (await sandbox.control.ledgerMessages()).map((row) => row.wamid);
    await sandbox.stop();
    return { statuses, wamids };
  };
  const first = await run();
  expect(new Set(first.statuses)).toEqual(new Set([200, 500]));
  expect(await run()).toEqual(first);
});

test('stopping closes calls that would never be answered, at once', async () => {
  const sandbox = await startSandbox();
  await sandbox.control.addNumber(demoNumber);
  const hanging = sendText(sandbox, '5511909990004', 'x').catch(() => 'cut');
  const control = createSandboxControl(sandbox.url);
  while ((await control.ledgerMessages()).length === 0);
  await control.close();
  await sandbox.stop();
  expect(await hanging).toBe('cut');
});
