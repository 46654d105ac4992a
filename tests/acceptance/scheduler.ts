import { call, must, until } from '../support/api.ts';
import { readEditionDocument } from '../support/documents.ts';
import { fileForm } from '../support/form.ts';
import { needs, open, self } from './access.ts';
import type { Fixture } from './fixture.ts';
import type { Call, EditionTable } from './flow.ts';

const { shapes } = readEditionDocument('scheduler');
/** The second row has no phone. */
const CONTACTS = Buffer.from('telefono,nombre,email\n+56912345699,Carla,carla@example.com\n123,Ana,\n');
const GROUP = shapes.Grupo;
const CONTACT = shapes.Contacto;
const NOTIFICATION = shapes.Notificación;
const asUser = ({ kept }: Fixture): Call => ({ token: kept.token!, status: 200 });
const listOf = (shape: unknown) => ({ data: [shape], pagination: { total: 1 } });

/** A number that its provider refuses makes a notification for the admins. */
async function causeNotification({ gateway, tenant, kept, breakCredentials }: Fixture): Promise<void> {
  await breakCredentials();
  const body = { to: '573155550012', text: 'Hola' };
  const path = `/api/v1/whatsapp/instances/${tenant.channelId}/messages/send`;
  await must(call(gateway, 'POST', path, { token: tenant.saas, body }), 201);
  await until('the notification', async () => {
    const list = call<{ data: unknown[] }>(gateway, 'GET', '/scheduler/api/notifications', { token: kept.token! });
    return (await must(list, 200)).data[0];
  });
}

/** Every route of scheduler: its access, and how the document's shapes are tried. */
export const SCHEDULER: EditionTable = {
  'GET /api/health': { access: open, calls: () => [{ status: 200, answer: { status: 'ok' } }] },
  'GET /api/health/db': { access: open, calls: () => [{ status: 200, answer: { status: 'ok' } }] },
  'GET /api/health/redis': { access: open, calls: () => [{ status: 200, answer: { status: 'ok' } }] },
  'GET /api/health/whatsapp': { access: open, calls: () => [{ status: 200, answer: { status: 'ok' } }] },
  'POST /api/auth/login': {
    access: open,
    calls: ({ tenant: { email, password } }) => [
      { body: { email, password }, status: 200, answer: { access_token: 'eyJ' } },
    ],
    keep: (fixture, [answer]) => {
      fixture.kept.token = String(answer!.access_token);
    },
  },
  'POST /api/auth/refresh': {
    access: self,
    calls: (fixture) => [{ ...asUser(fixture), answer: { access_token: 'eyJ' } }],
    keep: (fixture, [answer]) => {
      fixture.kept.token = String(answer!.access_token);
    },
  },
  'GET /api/auth/me': {
    access: self,
    calls: (fixture) => [{ ...asUser(fixture), answer: { id: 'x', email: 'x', role: 'x' } }],
  },
  'POST /api/groups': {
    access: needs('groups.manage'),
    calls: (fixture) => [
      { ...asUser(fixture), status: 201, body: { name: 'Clientes', description: 'VIP' }, answer: GROUP },
    ],
    keep: (fixture, [group]) => {
      fixture.kept.group = String(group!.id);
    },
  },
  'POST /api/contacts': {
    access: needs('contacts.manage'),
    calls: (fixture) => [
      {
        ...asUser(fixture),
        status: 201,
        body: { name: 'Carla', phone: '+56912345678', email: 'optional@email.com' },
        answer: CONTACT,
      },
    ],
    keep: (fixture, [contact]) => {
      fixture.kept.contact = String(contact!.id);
    },
  },
  'POST /api/groups/:id/contacts': {
    access: needs('groups.manage'),
    calls: (fixture) => [
      {
        ...asUser(fixture),
        status: 201,
        ids: [fixture.kept.group!],
        body: { contact_ids: [fixture.kept.contact] },
        answer: { added: 1 },
      },
    ],
  },
  'GET /api/groups': {
    access: needs('groups.read'),
    calls: (fixture) => [{ ...asUser(fixture), answer: listOf(GROUP) }],
  },
  'GET /api/groups/:id': {
    access: needs('groups.read'),
    calls: (fixture) => [{ ...asUser(fixture), ids: [fixture.kept.group!], answer: GROUP }],
  },
  'PUT /api/groups/:id': {
    access: needs('groups.manage'),
    calls: (fixture) => [
      { ...asUser(fixture), ids: [fixture.kept.group!], body: { name: 'Clientes VIP' }, answer: GROUP },
    ],
  },
  'GET /api/groups/:id/contacts': {
    access: needs('groups.read'),
    calls: (fixture) => [{ ...asUser(fixture), ids: [fixture.kept.group!], answer: listOf(CONTACT) }],
  },
  'GET /api/contacts': {
    access: needs('contacts.read'),
    calls: (fixture) => [{ ...asUser(fixture), answer: listOf(CONTACT) }],
  },
  'PUT /api/contacts/:id': {
    access: needs('contacts.manage'),
    calls: (fixture) => [
      { ...asUser(fixture), ids: [fixture.kept.contact!], body: { name: 'Carla Díaz' }, answer: CONTACT },
    ],
  },
  'DELETE /api/groups/:id/contacts/:contact_id': {
    access: needs('groups.manage'),
    calls: (fixture) => [{ ...asUser(fixture), status: 204, ids: [fixture.kept.group!, fixture.kept.contact!] }],
  },
  'DELETE /api/groups/:id': {
    access: needs('groups.manage'),
    calls: (fixture) => [{ ...asUser(fixture), status: 204, ids: [fixture.kept.group!] }],
  },
  'POST /api/contacts/import': {
    access: needs('contacts.manage'),
    calls: (fixture) => [
      {
        ...asUser(fixture),
        ...fileForm({ name: 'contactos.csv', type: 'text/csv', content: CONTACTS }),
        status: 200,
        answer: { imported: 1, skipped: 1, errors: [{ row: 3, field: 'phone', error: 'x' }] },
      },
    ],
  },
  // Beside the document.
  'GET /api/contacts/imports/:id': { access: needs('contacts.manage') },
  'GET /api/contacts/imports/:id/errors': { access: needs('contacts.manage') },
  'DELETE /api/contacts/:id': {
    access: needs('contacts.manage'),
    calls: (fixture) => [{ ...asUser(fixture), status: 204, ids: [fixture.kept.contact!] }],
  },
  'GET /api/notifications': {
    access: self,
    calls: async (fixture) => {
      await causeNotification(fixture);
      return [{ ...asUser(fixture), answer: listOf(NOTIFICATION) }];
    },
    keep: (fixture, [list]) => {
      const [latest] = list!.data as { id: string }[];
      if (!latest) throw new Error('the tenant has no notification to try');
      fixture.kept.notification = latest.id;
    },
  },
  'GET /api/notifications/unread-count': {
    access: self,
    calls: (fixture) => [{ ...asUser(fixture), answer: { count: 1 } }],
  },
  'POST /api/notifications/mark-read/:id': {
    access: self,
    calls: (fixture) => [{ ...asUser(fixture), ids: [fixture.kept.notification!], answer: NOTIFICATION }],
  },
  'DELETE /api/notifications/:id': {
    access: self,
    calls: (fixture) => [{ ...asUser(fixture), status: 204, ids: [fixture.kept.notification!] }],
  },
  'POST /api/auth/logout': { access: self, calls: (fixture) => [asUser(fixture)] },
};
