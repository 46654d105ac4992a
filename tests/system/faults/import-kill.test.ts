import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSandboxControl, type SandboxControl } from '@recado/sandbox';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Mesh, startMesh } from '../../../infra/local/mesh.ts';
import { call, must, until } from '../../support/api.ts';
import { fileForm } from '../../support/form.ts';
import { removeFolder } from '../../support/remove-folder.ts';
import { createTenant, type TestTenant } from '../../support/tenant.ts';
import { UNLIMITED } from '../../support/unlimited.ts';

let dataDir: string;
let mesh: Mesh;
let sandbox: SandboxControl;
let tenant: TestTenant;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'recado-import-kill-'));
  mesh = await startMesh({ dataDir, logLevel: 'warn', env: UNLIMITED, onLine: () => undefined });
  sandbox = createSandboxControl(mesh.urls.sandbox);
  tenant = await createTenant(mesh.urls.gateway, sandbox);
});
afterAll(async () => {
  await sandbox?.close();
  await mesh?.stop();
  await removeFolder(dataDir);
});

const ROWS = 20_000;

interface Import {
  id: string;
  status: string;
  processed: number;
  created: number;
  duplicates: number;
}

it('an import goes on after kill -9 in its middle, and no row counts twice', async () => {
  const rows = Array.from({ length: ROWS }, (_, i) => `+5730${String(10_000_000 + i)},N${i}`);
  const form = fileForm({
    name: 'a.csv',
    type: 'text/csv',
    content: Buffer.from(`telefono,nombre\n${rows.join('\n')}`),
  });
  const options = { token: tenant.crm };
  const begun = call<Import>(mesh.urls.gateway, 'POST', '/v1/clients/import', { ...options, ...form });
  const { id } = await must(begun, 202);
  const find = async (wanted: (one: Import) => boolean) =>
    until(
      'the import',
      async () => {
        const { status, body } = await call<Import>(mesh.urls.gateway, 'GET', `/v1/clients/imports/${id}`, options);
        return status === 200 && wanted(body) ? body : null;
      },
      120_000,
    );
  const half = await find(({ processed }) => processed > 0);
  mesh.kill('conversation');
  expect(half.processed).toBeLessThan(ROWS);
  const done = await find(({ status }) => status === 'done');
  expect(done).toMatchObject({ processed: ROWS, created: ROWS, duplicates: 0 });
  const sql = postgres(mesh.servers.databaseUrl, { max: 1, onnotice: () => undefined });
  const [found] = await sql`
    select count(*)::int as rows, count(distinct phone)::int as phones from conversation.contacts
    where tenant_id = ${tenant.tenantId}`;
  await sql.end();
  expect(found).toEqual({ rows: ROWS, phones: ROWS });
});
