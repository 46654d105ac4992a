import { randomUUID } from 'node:crypto';
import { withWorker } from '@recado/database';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type UpsertOptions, type UpsertRow, upsertContacts } from '../src/contacts/upsert.ts';
import { receiveMessages } from '../src/inbound/receive.ts';
import { createFixture, delivered, type Fixture, received } from './setup.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture('upsert');
});
afterAll(() => fixture.close());

const upsert = (tenantId: string, rows: UpsertRow[], options: Partial<UpsertOptions> = {}) =>
  withWorker(fixture.worker, (tx) =>
    upsertContacts(tx, tenantId, rows, { onDuplicate: 'update', createdBy: null, ...options }),
  );
const outcomes = async (...given: Parameters<typeof upsert>) => (await upsert(...given)).map(({ outcome }) => outcome);
const contactsOf = (tenantId: string) =>
  fixture.admin.sql`
    select k.name, k.first_name, k.phone, k.lead_status, k.ltv::text as ltv, k.custom_fields, k.entered_at is not null as entered,
           array(select t.name from conversation.contact_tags l join conversation.tags t on t.id = l.tag_id
                 where l.contact_id = k.id order by lower(t.name)) as tags
    from conversation.contacts k where k.tenant_id = ${tenantId} order by k.phone`;

const ANA = {
  phone: '+5511987654321',
  firstName: 'Ana',
  lastName: 'Souza',
  leadStatus: 'qualified' as const,
  ltv: 1234567.89,
  customFields: { rubro: 'salud' },
  tags: ['VIP', 'vip', 'Nueva'],
};

it('makes contacts with their tags, and the same rows again change nothing', async () => {
  const tenantId = randomUUID();
  const rows = [ANA, { phone: '+573001234567', name: 'Beto' }];
  expect(await outcomes(tenantId, rows)).toEqual(['created', 'created']);
  expect(await contactsOf(tenantId)).toMatchObject([
    {
      name: 'Ana Souza',
      first_name: 'Ana',
      lead_status: 'qualified',
      ltv: '1234567.89',
      custom_fields: { rubro: 'salud' },
      entered: true,
      tags: ['Nueva', 'VIP'],
    },
    { name: 'Beto', first_name: null, tags: [] },
  ]);
  expect(await outcomes(tenantId, rows)).toEqual(['skipped', 'skipped']);
  expect(await fixture.outbox(tenantId, 'contact.created')).toHaveLength(2);
  expect(await fixture.outbox(tenantId, 'contact.updated')).toEqual([]);
});

it('finds a contact by any spelling of its phone, and updates or skips it as asked', async () => {
  const tenantId = randomUUID();
  const contactId = (await upsert(tenantId, [ANA]))[0]!.contactId;
  const other = { phone: '+551187654321', company: 'Acme' };
  expect(await outcomes(tenantId, [other], { onDuplicate: 'skip' })).toEqual(['skipped']);
  expect(await upsert(tenantId, [other])).toEqual([{ contactId, outcome: 'updated' }]);
  expect(await contactsOf(tenantId)).toMatchObject([{ phone: ANA.phone, name: 'Ana Souza', lead_status: 'qualified' }]);
  expect(await fixture.outbox(tenantId, 'contact.updated')).toMatchObject([{ data: { changed: ['company'] } }]);
});

it('joins rows of one phone within a batch: the later one fills in, or is skipped', async () => {
  const rows = [ANA, { phone: '+551187654321', leadStatus: 'won' as const }];
  const updating = randomUUID();
  expect(await outcomes(updating, rows)).toEqual(['created', 'updated']);
  expect(await contactsOf(updating)).toMatchObject([{ name: 'Ana Souza', lead_status: 'won' }]);
  const skipping = randomUUID();
  expect(await outcomes(skipping, rows, { onDuplicate: 'skip' })).toEqual(['created', 'skipped']);
  expect(await contactsOf(skipping)).toMatchObject([{ lead_status: 'qualified' }]);
});

it('takes over one that only wrote, and brings a removed one back without what was known of it', async () => {
  const tenantId = randomUUID();
  const event = received(tenantId, { channelId: tenantId, from: { waId: '5511987654321', phone: '+5511987654321' } });
  await withWorker(fixture.worker, (tx) => receiveMessages(tx, [delivered(event)], new Date()));
  expect(await outcomes(tenantId, [{ phone: ANA.phone, city: 'Lima' }])).toEqual(['updated']);
  expect(await contactsOf(tenantId)).toMatchObject([{ entered: true }]);
  await fixture.admin.sql`update conversation.contacts set deleted_at = now() where tenant_id = ${tenantId}`;
  expect(await outcomes(tenantId, [{ phone: ANA.phone }], { onDuplicate: 'skip' })).toEqual(['created']);
  expect(await contactsOf(tenantId)).toMatchObject([{ name: null, phone: ANA.phone }]);
});

it('makes each contact once when two batches of the same phones run at once', async () => {
  const tenantId = randomUUID();
  const rows = Array.from({ length: 200 }, (_, i) => ({
    phone: `+5730012${String(i).padStart(5, '0')}`,
    name: `N ${i}`,
  }));
  const [a, b] = await Promise.all([outcomes(tenantId, rows), outcomes(tenantId, rows.toReversed())]);
  expect([...a!, ...b!].filter((outcome) => outcome === 'created')).toHaveLength(200);
  expect(await contactsOf(tenantId)).toHaveLength(200);
});

it('leaves the same phone of another tenant alone', async () => {
  const [mine, theirs] = [randomUUID(), randomUUID()];
  await upsert(theirs, [ANA]);
  expect(await outcomes(mine, [{ phone: ANA.phone, name: 'Otra' }])).toEqual(['created']);
  expect(await contactsOf(theirs)).toMatchObject([{ name: 'Ana Souza' }]);
});
