import { randomUUID } from 'node:crypto';
import {
  type ContactImport,
  FILE_CONTENT_TYPE,
  FILE_NAME_HEADER,
  IMPORTS_PATH,
  type ImportError,
  permissionsOf,
} from '@recado/contracts';
import { type Tx, withWorker } from '@recado/database';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runImport } from '../src/imports/run.ts';
import type { RunningConversation } from '../src/service.ts';
import { createFixture, type Fixture, type Person, person } from './setup.ts';

type Job = Parameters<typeof runImport>[1];

let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('imports');
  service = await fixture.start();
});
afterAll(() => fixture.close());

async function importer(given: Parameters<typeof person>[0] = {}): Promise<Person> {
  const someone = person({ edition: 'crm', role: 'admin', permissions: permissionsOf('admin'), ...given });
  await fixture.know(someone.tenantId);
  return someone;
}

const upload = ({ headers }: Person, payload: string | Buffer, name = 'clientes.csv') =>
  service.app.inject({
    method: 'POST',
    url: IMPORTS_PATH,
    headers: { ...headers, 'content-type': FILE_CONTENT_TYPE, [FILE_NAME_HEADER]: encodeURIComponent(name) },
    payload,
  });

const ask = ({ headers }: Person, method: 'GET' | 'POST', url: string, payload?: object) =>
  service.app.inject({ method, url, headers, ...(payload && { payload }) });

async function uploaded(who: Person, payload: string | Buffer, name?: string): Promise<ContactImport> {
  const answer = await upload(who, payload, name);
  expect(answer.statusCode, answer.body).toBe(201);
  return answer.json();
}

/** Uploads, starts and waits for the end. */
async function imported(who: Person, payload: string | Buffer, order: object = {}): Promise<ContactImport> {
  const { id } = await uploaded(who, payload);
  const started = await ask(who, 'POST', `/imports/${id}/start`, order);
  expect(started.statusCode, started.body).toBe(200);
  return ended(who, id);
}

const ended = (who: Person, id: string) =>
  eventually(async () => {
    const found = (await ask(who, 'GET', `/imports/${id}`)).json<ContactImport>();
    expect(found.endedAt).not.toBeNull();
    return found;
  });

const contactsOf = ({ tenantId }: Person) =>
  fixture.admin.sql<{ phone: string; name: string; firstName: string; email: string; customFields: object }[]>`
    select phone, name, first_name as "firstName", email, custom_fields as "customFields" from conversation.contacts
    where tenant_id = ${tenantId} order by name`;

async function errorsOf(who: Person, id: string): Promise<ImportError[]> {
  const answer = await ask(who, 'GET', `/imports/${id}/errors?limit=1000`);
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json().items;
}

describe('an import', () => {
  it('writes contacts by the names of the columns, in the country of the tenant', async () => {
    const who = await importer();
    const csv =
      '\uFEFFTeléfono;Nombre;Apellido;Correo;Cargo;Etiquetas\r\n' +
      '999 888 777;Ana;Pérez;ANA@Example.com;"Gerente;\r\nGeneral";vip, nuevo\r\n' +
      '\r\n' +
      '+57 300 123 4567;Luis;;;;\r\n';
    const done = await imported(who, csv);
    expect(done).toMatchObject({
      status: 'done',
      separator: ';',
      encoding: 'utf-8',
      total: 2,
      processed: 2,
      created: 2,
      invalid: 0,
      createdBy: who.caller.userId,
    });
    expect(done.columns.map(({ field }) => field)).toEqual([
      'phone',
      'firstName',
      'lastName',
      'email',
      'customFields.Cargo',
      'tags',
    ]);
    expect(await contactsOf(who)).toMatchObject([
      {
        phone: '+51999888777',
        name: 'Ana Pérez',
        email: 'ana@example.com',
        customFields: { Cargo: 'Gerente;\r\nGeneral' },
      },
      { phone: '+573001234567', name: 'Luis' },
    ]);
    const events = await fixture.outbox(who.tenantId, 'import.finished');
    expect(events).toMatchObject([{ data: { import: { id: done.id, status: 'done', created: 2 } } }]);
    const audit = await fixture.outbox(who.tenantId, 'audit.recorded');
    expect(audit).toMatchObject([{ data: { action: 'contact.import', entityId: done.id } }]);
    const [{ count } = { count: -1 }] = await fixture.admin.sql`
      select count(*)::int from conversation.import_chunks where tenant_id = ${who.tenantId}`;
    expect(count).toBe(0);
  });

  it('reports tags that no tag can be called', async () => {
    const who = await importer();
    const done = await imported(who, 'telefono,nombre,etiquetas\n999888777,Ana,vip;..\n999888778,Luis,vip');
    expect(done).toMatchObject({ created: 1, invalid: 1 });
    expect(await errorsOf(who, done.id)).toMatchObject([{ row: 2, code: 'tag_name' }]);
  });

  it('reports every bad field of a row with its number, and imports the others', async () => {
    const who = await importer();
    const rows = [
      'telefono,nombre,email,ltv',
      '123,Ana,nope,x',
      '999888777,Luis,luis@example.com,"1.234,50"',
      ',Eva,,',
    ];
    const done = await imported(who, rows.join('\n'));
    expect(done).toMatchObject({ status: 'done', created: 1, invalid: 2, total: 3 });
    expect(await errorsOf(who, done.id)).toEqual([
      { row: 2, field: 'email', code: 'email', params: null },
      { row: 2, field: 'ltv', code: 'import_number', params: null },
      { row: 2, field: 'phone', code: 'phone_country', params: null },
      { row: 4, field: 'phone', code: 'required', params: null },
    ]);
    const first = (await ask(who, 'GET', `/imports/${done.id}/errors?limit=3`)).json();
    expect([first.items.length, first.total]).toEqual([3, 4]);
    const rest = (await ask(who, 'GET', `/imports/${done.id}/errors?limit=3&cursor=${first.nextCursor}`)).json();
    expect(rest.items.map(({ row }: ImportError) => row)).toEqual([4]);
  });

  it('holds each custom field to its type, and names the field and the reason', async () => {
    const who = await importer();
    const define = (field: object) => ask(who, 'POST', '/custom-fields', field);
    await define({ key: 'puntos', type: 'number' });
    await define({ key: 'desde', type: 'date' });
    await define({ key: 'sede', type: 'option', options: ['Lima', 'Bogotá'] });
    const file =
      'phone,name,puntos,desde,sede\n+51999000001,Ana,"1.234,5",31/12/2026,bogota\n' +
      '+51999000002,Luz,muchos,ayer,Quito\n';
    const { id, created, invalid } = await imported(who, file);
    expect([created, invalid]).toEqual([1, 1]);
    expect((await contactsOf(who)).map(({ customFields }) => customFields)).toEqual([
      { puntos: 1234.5, desde: '2026-12-31', sede: 'Bogotá' },
    ]);
    expect((await errorsOf(who, id)).map(({ row, field, code }) => [row, field, code])).toEqual([
      [3, 'customFields.desde', 'date'],
      [3, 'customFields.puntos', 'import_number'],
      [3, 'customFields.sede', 'invalid_value'],
    ]);
  });

  it('leaves out a phone that was erased after the file was uploaded', async () => {
    const who = await importer();
    const [row] = await contactsOf(who);
    expect(row).toBeUndefined();
    const made = (await ask(who, 'POST', '/contacts', { name: 'Ana', phone: '+51999000003' })).json();
    const { id } = await uploaded(who, 'phone,name\n+51999000003,Ana\n+51999000004,Luz\n');
    const erased = await service.app.inject({ method: 'DELETE', url: `/contacts/${made.id}`, headers: who.headers });
    expect(erased.statusCode).toBe(204);
    await ask(who, 'POST', `/imports/${id}/start`, {});
    expect(await ended(who, id)).toMatchObject({ created: 1, invalid: 1 });
    expect(await errorsOf(who, id)).toMatchObject([{ row: 2, field: 'phone', code: 'contact_erased' }]);
    // A file of later is a new wish.
    expect(await imported(who, 'phone,name\n+51999000003,Ana\n')).toMatchObject({ created: 1 });
  });

  it('makes no second contact of one phone, in any of its spellings, in the file or the book', async () => {
    const who = await importer();
    const csv = 'phone,name\n+5511987654321,Ana\n+551187654321,Bea\n+525512345678,Luz\n+5215512345678,Mar\n';
    expect(await imported(who, csv)).toMatchObject({ created: 2, duplicates: 2, updated: 0 });
    expect(await imported(who, csv)).toMatchObject({ created: 0, duplicates: 4, updated: 0 });
    expect(await contactsOf(who)).toMatchObject([{ name: 'Ana' }, { name: 'Luz' }]);
    expect(await imported(who, csv, { onDuplicate: 'update' })).toMatchObject({ created: 0, duplicates: 0 });
    expect(await contactsOf(who)).toMatchObject([{ name: 'Bea' }, { name: 'Mar' }]);
    const same = 'phone,name\n+5511987654321,Bea\n';
    expect(await imported(who, same, { onDuplicate: 'update' })).toMatchObject({ updated: 0, unchanged: 1 });
  });

  it('takes the columns as a person maps them, and names what does not fit', async () => {
    const who = await importer();
    const csv = 'A,B,C\n999888777,Ana,x\n';
    const { id, columns } = await uploaded(who, csv);
    expect(columns.map(({ field }) => field)).toEqual(['customFields.A', 'customFields.B', 'customFields.C']);
    const none = await ask(who, 'POST', `/imports/${id}/start`, {});
    expect(none.json().error.details).toMatchObject([{ field: 'mapping', code: 'import_phone' }]);
    const wrong = await ask(who, 'POST', `/imports/${id}/start`, { mapping: { Z: 'phone', B: 'password' } });
    expect(wrong.json().error.details).toMatchObject([
      { field: 'mapping', code: 'import_column', params: { said: 'Z' } },
      { field: 'mapping', code: 'import_field', params: { said: 'password' } },
    ]);
    const order = { mapping: { A: 'phone', B: 'name', C: null } };
    expect((await ask(who, 'POST', `/imports/${id}/start`, order)).statusCode).toBe(200);
    expect(await ended(who, id)).toMatchObject({ created: 1 });
    expect(await contactsOf(who)).toMatchObject([{ name: 'Ana', customFields: {} }]);
  });

  it('is one at a time for a tenant; a second one waits and is not lost', async () => {
    const who = await importer();
    const csv = (from: number) =>
      `phone,name\n${Array.from({ length: 1500 }, (_, i) => `+51999${String(from + i).padStart(6, '0')},N${i}`).join('\n')}`;
    const files = [await uploaded(who, csv(0)), await uploaded(who, csv(10_000))];
    for (const { id } of files) await ask(who, 'POST', `/imports/${id}/start`, {});
    const [first, second] = [await ended(who, files[0]!.id), await ended(who, files[1]!.id)];
    expect([first.created, second.created]).toEqual([1500, 1500]);
    const [earlier, later] = [first, second].sort((a, b) => (a.startedAt! < b.startedAt! ? -1 : 1));
    expect(earlier!.endedAt! <= later!.startedAt!).toBe(true);
  });

  it('that is cancelled keeps no rows, and what came before stays', async () => {
    const who = await importer();
    const { id } = await uploaded(who, 'phone\n999888777\n');
    const cancelled = await ask(who, 'POST', `/imports/${id}/cancel`);
    expect(cancelled.json()).toMatchObject({ status: 'cancelled', created: 0 });
    expect((await ask(who, 'POST', `/imports/${id}/start`, {})).json()).toMatchObject({ status: 'cancelled' });
    expect(await contactsOf(who)).toEqual([]);
  });

  it('is possible beside 20 files that were not started: the oldest of them is given up', async () => {
    const who = await importer();
    const first = await uploaded(who, 'phone\n+573001112233');
    for (let i = 1; i < 20; i++) await uploaded(who, 'phone\n+573001112233');
    expect((await ask(who, 'GET', `/imports/${first.id}`)).json()).toMatchObject({ status: 'read' });
    await uploaded(who, 'phone\n+573001112233');
    expect((await ask(who, 'GET', `/imports/${first.id}`)).json()).toMatchObject({ status: 'cancelled' });
    const rows = await fixture.admin.sql`
      select 1 from conversation.import_chunks where import_id = ${first.id}`;
    expect(rows).toHaveLength(0);
  });

  it('of another tenant is a 404, as an unknown one', async () => {
    const [owner, stranger] = [await importer(), await importer()];
    const { id } = await uploaded(owner, 'phone\n999888777\n');
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/errors'],
      ['POST', '/start'],
      ['POST', '/cancel'],
    ] as const) {
      const theirs = await ask(stranger, method, `/imports/${id}${path}`, method === 'POST' ? {} : undefined);
      const unknown = await ask(
        stranger,
        method,
        `/imports/${randomUUID()}${path}`,
        method === 'POST' ? {} : undefined,
      );
      expect([theirs.statusCode, theirs.body]).toEqual([404, unknown.body]);
    }
    expect((await ask(stranger, 'GET', '/imports')).json()).toMatchObject({ items: [], total: 0 });
    expect((await ask(owner, 'GET', '/imports')).json()).toMatchObject({ items: [{ id }], total: 1 });
  });

  it('of a user of the scheduler edition leaves the contacts of others as they are', async () => {
    const owner = await importer({ edition: 'scheduler' });
    await imported(owner, 'phone,name\n999888777,Ana\n');
    const other = person({ edition: 'scheduler', tenantId: owner.tenantId });
    const done = await imported(other, 'phone,name\n999888777,Mía\n999888776,Luz\n', { onDuplicate: 'update' });
    expect(done).toMatchObject({ created: 1, invalid: 1 });
    expect(await errorsOf(other, done.id)).toMatchObject([{ row: 2, field: 'phone', code: 'phone_taken' }]);
    expect((await contactsOf(owner)).map(({ name }) => name)).toEqual(['Ana', 'Luz']);
    expect((await ask(other, 'GET', '/imports')).json().items).toHaveLength(1);
  });

  it.each([
    ['an old workbook', Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'import_type'],
    ['a picture', Buffer.from('89504e470d0a1a0a0000', 'hex'), 'import_type'],
    ['nothing', Buffer.alloc(0), 'import_empty'],
    ['headers alone', 'phone,name\n', 'import_empty'],
    ['a broken zip', Buffer.from('PK\x03\x04 not a zip'), 'import_damaged'],
    ['a row of a megabyte', `phone,name\n999888777,${'x'.repeat(1_000_000)}\n`, 'import_row_size'],
    ['a hundred thousand columns', `${'a,'.repeat(100_000)}\n`, 'import_columns'],
  ])('of %s is refused', async (_, payload, code) => {
    const who = await importer();
    const answer = await upload(who, payload);
    expect([answer.statusCode, answer.json().error.details]).toMatchObject([422, [{ field: 'file', code }]]);
    expect((await ask(who, 'GET', '/imports')).json().total).toBe(0);
  });

  it('keeps the name of its file without a path', async () => {
    const who = await importer();
    const { fileName } = await uploaded(who, 'phone\n999888777\n', '../../etc/cron.d/a\u0000.csv');
    expect(fileName).toBe('a.csv');
  });
});

describe('a run that dies', () => {
  const TOTAL = 1800;
  const csv = `phone,name\n${Array.from({ length: TOTAL }, (_, i) =>
    i % 100 === 7 ? ',x' : `+51988${String(i).padStart(6, '0')},N${i}`,
  ).join('\n')}`;

  /** A job as its handler gets it; its process is killed in the transaction after so many. */
  function jobOf({ tenantId }: Person, importId: string, commits = Number.POSITIVE_INFINITY): Job {
    let left = commits;
    const commit = <R>(work: (tx: Tx) => Promise<R>) =>
      withWorker(fixture.worker, async (tx) => {
        const result = await work(tx);
        if (left-- <= 0) throw new Error('killed before the commit');
        return result;
      });
    const rest = { id: randomUUID(), name: 'import-contacts', key: importId, claim: 1, tries: 0, lost: 0 };
    const held = { leaseEnds: Number.POSITIVE_INFINITY, signal: new AbortController().signal, traceparent: null };
    return { ...rest, ...held, tenantId, data: { importId }, commit, progress: () => undefined };
  }

  async function queued(who: Person): Promise<string> {
    const { id } = await uploaded(who, csv);
    await fixture.admin.sql`update conversation.imports set status = 'queued' where id = ${id}`;
    return id;
  }
  const run = (job: Job) => runImport(service.deps, job);

  it.each([0, 1, 2, 4])('in its transaction %d is continued at the last chunk that was committed', async (commits) => {
    const who = await importer();
    const id = await queued(who);
    await expect(run(jobOf(who, id, commits))).rejects.toThrow('killed');
    const half = (await ask(who, 'GET', `/imports/${id}`)).json<ContactImport>();
    // The first transaction begins the import, each other one is a chunk of 500 rows.
    expect(half.processed).toBe(Math.min(Math.max(0, commits - 1) * 500, TOTAL));
    await run(jobOf(who, id));
    const done = await ended(who, id);
    expect(done).toMatchObject({ status: 'done', created: TOTAL - 18, invalid: 18, duplicates: 0 });
    expect(await contactsOf(who)).toHaveLength(TOTAL - 18);
    expect(await errorsOf(who, id)).toHaveLength(18);
    expect(await fixture.outbox(who.tenantId, 'contact.created')).toHaveLength(TOTAL - 18);
  });

  it('leaves the rest to a copy that began before it, whose first chunks are gone by then', async () => {
    const who = await importer();
    const id = await queued(who);
    const late = jobOf(who, id);
    const { commit } = late;
    late.commit = async (work) => {
      const result = await commit(work);
      late.commit = commit;
      await expect(run(jobOf(who, id, 3))).rejects.toThrow('killed');
      return result;
    };
    await run(late);
    expect(await ended(who, id)).toMatchObject({ status: 'done', processed: TOTAL, created: TOTAL - 18 });
    expect(await contactsOf(who)).toHaveLength(TOTAL - 18);
  });

  it('beside another copy with the same job reads no row twice', async () => {
    const who = await importer();
    const id = await queued(who);
    await Promise.all([run(jobOf(who, id)), run(jobOf(who, id)), run(jobOf(who, id))]);
    expect(await ended(who, id)).toMatchObject({ status: 'done', created: TOTAL - 18, invalid: 18, duplicates: 0 });
    expect(await fixture.outbox(who.tenantId, 'import.finished')).toHaveLength(1);
  });
});
