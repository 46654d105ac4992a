import { describe, expect, it } from 'vitest';
import { actionOf, actionView, entityTypeOf, entityTypeView, fieldView } from './vocabulary.ts';

describe('the words of crm.md', () => {
  it.each([
    ['conversation', 'Chat'],
    ['contact', 'Client'],
    ['channel', 'WhatsappNumber'],
    ['user', 'User'],
    ['api_key', 'ApiKey'],
    ['two_factor', 'TwoFactor'],
    ['ai_config', 'AiConfig'],
  ])('%s is %s, both ways', (inside, shown) => {
    expect([entityTypeView(inside), entityTypeOf(shown)]).toEqual([shown, inside]);
    expect(entityTypeOf(inside)).toBe(inside);
  });

  it.each([
    ['conversation.transfer', 'chat.transfer'],
    ['channel.create', 'whatsapp_number.create'],
    ['user.set_agent_status', 'user.set_agent_status'],
    ['session.create', 'session.create'],
  ])('%s is %s, both ways', (inside, shown) => {
    expect([actionView(inside), actionOf(shown)]).toEqual([shown, inside]);
  });

  it.each([
    ['assignedUserId', 'assigned_agent_id'],
    ['channelId', 'whatsapp_number_id'],
    ['contactId', 'client_id'],
    ['firstName', 'first_name'],
    ['settings.timezone', 'settings.timezone'],
    ['status', 'status'],
  ])('the field %s is %s', (inside, shown) => {
    expect(fieldView(inside)).toBe(shown);
  });
});
