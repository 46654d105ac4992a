import { type ContactEntry, conversationApi, type Group, joinNames, uuidv7 } from '@recado/contracts';
import { Conflict, NotFound, serve, ValidationFailed } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { FakeServices } from './fake-state.ts';

const NOW = '2026-01-15T10:00:00.000Z';

export const group: Group = {
  id: uuidv7(),
  name: 'Clientes VIP',
  description: 'Los de siempre',
  contactCount: 25,
  createdBy: uuidv7(),
  createdAt: NOW,
  updatedAt: NOW,
};

export const contact: ContactEntry = {
  id: uuidv7(),
  name: 'Carla',
  phone: '+1234567890',
  email: 'optional@email.com',
  avatarUrl: null,
  isActive: true,
  createdBy: group.createdBy,
  groupIds: [group.id],
  createdAt: NOW,
  updatedAt: NOW,
};

/** A phone that is in the address book already. */
export const TAKEN_PHONE = '+56912345678';

function refuseTaken(phone: string | undefined): void {
  if (phone !== TAKEN_PHONE) return;
  const message = 'There is a contact with this phone';
  throw new Conflict(message, 'contact', [{ field: 'phone', message, code: 'phone_taken' }]);
}

/** Conversation's groups and contacts: one of each, fixed. */
export function serveAddressBook(app: FastifyInstance, it: FakeServices): void {
  const known = ({ groupId = group.id, contactId = contact.id }: { groupId?: string; contactId?: string }) => {
    if (groupId !== group.id) throw new NotFound('group', groupId);
    if (contactId !== contact.id) throw new NotFound('contact', contactId);
  };
  serve(app, conversationApi.listGroups, async () => ({
    ...{ items: [group], total: 41, nextCursor: null },
    ...(it.isCapped && { totalIsCapped: true as const }),
  }));
  serve(app, conversationApi.createGroup, async ({ body }) => ({ ...group, description: null, ...body }));
  serve(app, conversationApi.addGroupContacts, async ({ params, body }) => {
    known(params);
    const details = body.contactIds.flatMap((id, i) =>
      id === contact.id
        ? []
        : [{ field: `contactIds.${i}`, message: 'No such contact', code: 'unknown_contact' as const }],
    );
    if (details.length > 0) throw new ValidationFailed(details);
    return { added: body.contactIds.length, contactCount: group.contactCount };
  });
  serve(app, conversationApi.createContact, async ({ body }) => {
    refuseTaken(body.phone);
    const unknown = (body.groupIds ?? []).flatMap((id, i) =>
      id === group.id ? [] : [{ field: `groupIds.${i}`, message: 'No such group', code: 'unknown_group' as const }],
    );
    if (unknown.length > 0) throw new ValidationFailed(unknown);
    const { customFields: _, firstName = null, lastName = null, name = joinNames(firstName, lastName), ...rest } = body;
    return {
      ...contact,
      groupIds: [],
      email: null,
      ...rest,
      name,
      firstName,
      lastName,
      isActive: body.isActive ?? true,
    };
  });
  serve(
    app,
    conversationApi.updateContact,
    async ({ params, body: { name = contact.name, phone = contact.phone } }) => {
      known(params);
      refuseTaken(phone ?? undefined);
      return { ...contact, name, phone };
    },
  );
}
