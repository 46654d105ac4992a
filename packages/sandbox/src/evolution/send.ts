import type { FastifyReply } from 'fastify';
import { hang, reset } from '../faults.ts';
import type { SandboxParts } from '../parts.ts';
import { type AcceptReply, fateOf, type StatusPlan } from '../whatsapp-web/fates.ts';
import { uuidFrom, webMessageId } from '../whatsapp-web/ids.ts';
import { digitsOf, isGroup } from '../whatsapp-web/jids.ts';
import { readContent, type SendContent } from './content.ts';
import { badRequest, notFound, serverError } from './errors.ts';
import { emitEvent } from './events.ts';
import { keepMessage } from './history.ts';
import type { Instance } from './instances.ts';
import { createJid } from './jid.ts';

/** `POST /message/<route>/:instance`. Throws EvolutionError. */
export async function sendMessage(
  parts: SandboxParts,
  instance: Instance,
  route: string,
  body: unknown,
  reply: FastifyReply,
): Promise<unknown> {
  const content = readContent(route, body);
  if (instance.state !== 'open') throw serverError('Connection Closed');
  const jid = createJid(content.to);
  if (isGroup(jid) && !parts.groups.find({ provider: 'evolution', number: instance.name }, jid.split('@')[0]!)) {
    throw notFound('Group not found');
  }
  const fate = fateOf(parts, instance.name, content.to);
  await parts.pauses.sleep(parts.behaviour().sendDelayMs + content.delayMs);
  if (fate.kind === 'reset') return reset(reply);
  if (fate.kind === 'hang') return hang(reply);
  if (fate.kind === 'http') return reply.status(fate.status).type('text/html').send('<h1>Bad gateway</h1>');
  if (fate.kind === 'unknown-number' && !isGroup(jid)) throw badRequest({ jid, exists: false, number: content.to });
  const accepted = fate.kind === 'accept' ? fate : { reply: 'ok' as const, statuses: 'all' as const };
  const noId = parts.dice.roll('no-id', parts.behaviour().web.noIdRate);
  return accept(parts, instance, content, jid, noId ? 'no-id' : accepted.reply, accepted.statuses, reply);
}

function accept(
  parts: SandboxParts,
  instance: Instance,
  content: SendContent,
  jid: string,
  answer: AcceptReply,
  plan: StatusPlan,
  reply: FastifyReply,
): unknown {
  const id = webMessageId(parts.ids);
  parts.ledger.append('messages', {
    provider: 'evolution',
    wamid: id,
    phoneNumberId: instance.name,
    to: isGroup(jid) || jid.endsWith('@lid') ? jid : digitsOf(content.to.split('@')[0]!),
    type: content.type,
    text: content.text,
    body: content.message,
    bizOpaqueCallbackData: null,
    contextMessageId: content.quotedId,
    reply: answer,
  });
  const raw = messageOf(instance, content, jid, id);
  keepMessage(parts, instance, raw);
  emitEvent(parts, instance, 'send.message', raw, id);
  scheduleStatuses(parts, instance, { id, jid, plan });
  if (answer === 'lost') return reset(reply);
  if (answer === 'silent') return hang(reply);
  if (answer === 'malformed') return reply.status(201).type('application/json').send('{"key":{"remoteJid":"55');
  return reply.status(201).send(answer === 'no-id' ? { ...raw, key: { remoteJid: jid, fromMe: true } } : raw);
}

function messageOf(instance: Instance, content: SendContent, jid: string, id: string): Record<string, unknown> {
  return {
    key: { remoteJid: jid, fromMe: true, id },
    pushName: 'Você',
    status: 'PENDING',
    message: content.message,
    contextInfo: content.quotedId === null ? null : { stanzaId: content.quotedId },
    messageType: content.type,
    messageTimestamp: Math.floor(Date.now() / 1000),
    instanceId: instance.id,
    source: 'unknown',
  };
}

interface Progress {
  id: string;
  jid: string;
  plan: StatusPlan;
}

function scheduleStatuses(parts: SandboxParts, instance: Instance, { id, jid, plan }: Progress): void {
  const { enabled, sentMs, deliveredMs, readMs } = parts.behaviour().statuses;
  if (!enabled || plan === 'none') return;
  const messageId = uuidFrom(parts.ids);
  const tell = (afterMs: number | null, status: string) => {
    if (afterMs === null) return;
    const participant = isGroup(jid) ? instance.wuid : undefined;
    const ids = { instanceId: instance.id, messageId };
    const data = { keyId: id, remoteJid: jid, fromMe: true, participant, status, ...ids };
    parts.timers.after(afterMs, () => emitEvent(parts, instance, 'messages.update', data, `${id}:${status}`));
  };
  if (plan === 'failed') {
    tell(sentMs ?? 0, 'ERROR');
    return;
  }
  tell(sentMs, 'SERVER_ACK');
  if (plan !== 'read-only') tell(deliveredMs, 'DELIVERY_ACK');
  tell(readMs, 'READ');
  if (plan === 'odd') tell((readMs ?? 0) + 5, parts.behaviour().web.oddStatus);
}
