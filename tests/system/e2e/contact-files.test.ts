import { randomInt } from 'node:crypto';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, must, until } from '../../support/api.ts';
import { fileForm } from '../../support/form.ts';
import { createTenant, type TestTenant } from '../../support/tenant.ts';
import { sharedTestMesh } from '../shared-mesh.ts';
import type { TestMesh } from '../test-mesh.ts';

let mesh: TestMesh;
let tenant: TestTenant;
beforeAll(async () => {
  mesh = sharedTestMesh();
  tenant = await createTenant(mesh.gateway, mesh.sandbox);
});
afterAll(() => mesh?.stop());

interface Result {
  id: string;
  status: string;
  total: number;
  imported: number;
  created: number;
  unchanged: number;
  errors: { row: number; field: string; error: string }[];
}

const send = (content: Buffer | string, fields: Record<string, string> = {}, path = '/v1/clients/import') =>
  call<Result>(mesh.gateway, 'POST', path, {
    token: tenant.crm,
    ...fileForm({ name: 'clientes.csv', type: 'text/csv', content: Buffer.from(content) }, fields),
  });

async function download(query: string, token = tenant.crm): Promise<{ status: number; type: string; bytes: Buffer }> {
  const answer = await request(`${mesh.gateway}/v1/clients/export?${query}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const bytes = Buffer.from(await answer.body.arrayBuffer());
  return { status: answer.statusCode, type: String(answer.headers['content-type']), bytes };
}

const HEADERS = 'Teléfono;Nombre;Apellido;Correo;Estado del lead;Etiquetas;Notas;Cargo;Puntos\n';
const first = randomInt(1e6, 9e6);
const ROWS = [
  `+57300${first};Ana;Pérez;ana@example.com;Contactado;vip, lima;"=HYPERLINK(""http://x"")";Gerente;5\n`,
  `+57301${first};Luis;;;;;"dos\nlíneas & <b>";;\n`,
];

describe('files of clients', () => {
  it('are exported as they can be imported again, in both formats, and no cell of CSV is a formula', async () => {
    const made = await must(send(HEADERS + ROWS.join('')), 200);
    expect(made).toMatchObject({ status: 'done', total: 2, imported: 2, created: 2, errors: [] });

    const csv = await download('format=csv');
    expect(csv.type).toBe('text/csv; charset=utf-8');
    const text = csv.bytes.toString();
    expect(text).toContain(`\uFEFFphone,name,`);
    expect(text).toContain(`\n+57300${first},Ana Pérez,Ana,Pérez,ana@example.com,`);
    expect(text).toContain(`"'=HYPERLINK(""http://x"")"`);
    const xlsx = await download('format=excel');
    expect(xlsx.type).toContain('spreadsheetml.sheet');
    for (const { bytes } of [csv, xlsx]) {
      const again = await must(send(bytes, { on_duplicate: 'update' }), 200);
      expect(again).toMatchObject({ status: 'done', total: 2, created: 0, imported: 0, unchanged: 2, errors: [] });
    }
  });

  it('hold what the filters keep, and take a permission that agents do not have', async () => {
    const contacted = (await download('lead_status=contacted')).bytes.toString();
    expect(contacted).toContain('Ana');
    expect(contacted).not.toContain('Luis');
    for (const [query, lines] of [
      ['tag=VIP', 2],
      ['search=perez', 2],
      [`search=57301${first}`, 2],
      ['segment=none', 1],
    ] as const) {
      const rows = (await download(query)).bytes.toString().replace(/"[^"]*(?:""[^"]*)*"/g, 'q');
      expect(rows.trim().split('\n'), query).toHaveLength(lines);
    }
    expect((await download('lead_status=nope')).status).toBe(422);
    const person = {
      email: `a-${first}@example.com`,
      password: 'Correct-horse-7',
      first_name: 'Eva',
      last_name: 'Gil',
    };
    const body = { ...person, role_id: 'agent' };
    await must(call(mesh.gateway, 'POST', '/v1/users', { token: tenant.crm, body }), 201);
    const { email, password } = person;
    const login = call<{ access_token: string }>(mesh.gateway, 'POST', '/v1/auth/login', { body: { email, password } });
    expect((await download('format=csv', (await must(login, 200)).access_token)).status).toBe(403);
  });

  it('with a preview wait for their start, with a mapping of their columns', async () => {
    const csv = `A,B\n+57302${first},Eva\n`;
    const { id, status } = await must(send(csv, { preview: 'true' }), 200);
    expect(status).toBe('read');
    const body = { mapping: { A: 'phone', B: 'custom_fields.apodo' } };
    const path = `/v1/clients/imports/${id}`;
    await must(call(mesh.gateway, 'POST', `${path}/start`, { token: tenant.crm, body }), 202);
    await until('the import', async () => {
      const one = await must(call<Result>(mesh.gateway, 'GET', path, { token: tenant.crm }), 200);
      return one.status === 'done' && one.created === 1 ? true : null;
    });
  });

  it('name their bad rows in the words of the edition, also as a file', async () => {
    const { id, errors } = await must(send('telefono,email\nabc,nope\n'), 200);
    expect(errors.map(({ row, field, error }) => [row, field, error])).toEqual([
      [2, 'email', 'El email no es válido'],
      [2, 'phone', 'Teléfono inválido'],
    ]);
    const file = await call(mesh.gateway, 'GET', `/v1/clients/imports/${id}/errors/export`, { token: tenant.crm });
    expect(file.text).toBe('row,field,error\n2,email,El email no es válido\n2,phone,Teléfono inválido\n');
  });

  it('of more than a thousand rows are answered before they end', async () => {
    const rows = Array.from({ length: 3000 }, (_, i) => `+5731${String(first * 10 + i).padStart(8, '0')},N${i}\n`);
    const begun = await send(`telefono,nombre\n${rows.join('')}`);
    expect([begun.status, begun.body.total]).toEqual([202, 3000]);
    const path = `/v1/clients/imports/${begun.body.id}`;
    const done = await until('the import', async () => {
      const one = await must(call<Result>(mesh.gateway, 'GET', path, { token: tenant.crm }), 200);
      return one.status === 'done' ? one : null;
    });
    expect(done).toMatchObject({ created: 3000, errors: [] });
  });

  it.each([
    ['no file', {}, [{ field: 'file' }]],
    ['an unknown field', { other: 'x' }, [{ field: 'other' }]],
    ['a mapping that is no JSON', { mapping: '{' }, [{ field: 'mapping' }]],
    ['a way that there is not', { on_duplicate: 'merge' }, [{ field: 'on_duplicate' }]],
  ])('with %s are refused', async (what, fields, details) => {
    const form = fileForm(
      { name: 'a.csv', type: 'text/csv', content: Buffer.from('telefono\n+573001112233\n') },
      fields,
    );
    const raw =
      what === 'no file'
        ? Buffer.from(form.raw.toString().replace('name="file"; filename="a.csv"', 'name="preview"'))
        : form.raw;
    const answer = await call<{ error: { details: object[] } }>(mesh.gateway, 'POST', '/v1/clients/import', {
      token: tenant.crm,
      headers: form.headers,
      raw,
    });
    expect([answer.status, answer.body.error.details]).toMatchObject([422, details]);
  });
});
