import type { FastifyReply } from 'fastify';
import { hang, reset } from '../faults.ts';
import type { SandboxParts } from '../parts.ts';
import { type AcceptReply, type Fate, fateOf, type StatusPlan } from '../whatsapp-web/fates.ts';
import { webMessageId } from '../whatsapp-web/ids.ts';
import { digitsOf, isGroup } from '../whatsapp-web/jids.ts';
import { contactsOf } from './contacts.ts';
import { type Content, sendRoutes } from './content.ts';
import { emitEvent } from './events.ts';
import { keepMessage } from './history.ts';
import type { Session } from './sessions.ts';

/** Sends to each address, one after the other, as WPPConnect does. */
export async function sendMessage(
  parts: SandboxParts,
  session: Session,
  route: string,
  body: Record<string, unknown>,
  reply: FastifyReply,
): Promise<unknown> {
  const { read, status, answersPhones, needsFile } = sendRoutes[route]!;
  const content = read(body);
  const contacts = contactsOf(body);
  const fates = contacts.map((jid) => ({ jid, fate: fateOf(parts, session.name, jid.split('@')[0]!) }));
  await parts.pauses.sleep(parts.behaviour().sendDelayMs);
  const fault = fates.find(({ fate }) => !['accept', 'unknown-number'].includes(fate.kind))?.fate;
  if (fault) return breakCall(fault, reply);
  const groupOf = (jid: string) =>
    parts.groups.find({ provider: 'wppconnect', number: session.name }, jid.split('@')[0]!);
  if (contacts.some((jid) => isGroup(jid) && !groupOf(jid))) return refuseContent(reply, false);
  // A group's number is no phone.
  const missing = fates.find(({ jid, fate }) => !isGroup(jid) && (fate.kind === 'unknown-number' || groupOf(jid)));
  const answer = missing ? 'refused' : answerOf(fates.map(({ fate }) => fate));
  const sent = content ? fates.flatMap(({ jid, fate }) => accept(parts, session, content, jid, fate, answer)) : [];
  if (missing) {
    const message = `O número ${missing.jid.split('@')[0]} não existe.`;
    return reply.status(400).send({ response: null, status: 'Connected', message });
  }
  if (!content) return refuseContent(reply, needsFile === true);
  if (sent.length === 0) return reply.status(400).type('application/json').send('"Error sending message"');
  if (answer === 'lost') return reset(reply);
  if (answer === 'silent') return hang(reply);
  if (answer === 'malformed') return reply.status(201).type('application/json').send('{"status":"success","resp');
  const response = answer === 'no-id' ? [null] : answersPhones ? contacts : sent;
  return reply.status(status).send({ status: 'success', response, mapper: 'return' });
}

function breakCall(fate: Fate, reply: FastifyReply): unknown {
  if (fate.kind === 'reset') return reset(reply);
  if (fate.kind === 'hang') return hang(reply);
  const status = fate.kind === 'http' ? fate.status : 500;
  return reply.status(status).send({ status: 'Error', message: 'Erro ao enviar a mensagem.', error: {} });
}

function refuseContent(reply: FastifyReply, needsFile: boolean): unknown {
  if (needsFile) return reply.status(401).send({ message: 'Sending the file is mandatory' });
  return reply.status(500).send({ status: 'Error', message: 'Erro ao enviar a mensagem.', error: {} });
}

function answerOf(fates: readonly Fate[]): AcceptReply {
  for (const fate of fates) if (fate.kind === 'accept' && fate.reply !== 'ok') return fate.reply;
  return 'ok';
}

/** The message as the library returns it; nothing for a number that was not sent to. */
function accept(
  parts: SandboxParts,
  session: Session,
  content: Content,
  jid: string,
  fate: Fate,
  reply: AcceptReply | 'refused',
): object[] {
  if (fate.kind === 'unknown-number' && !fate.sends) return [];
  const id = webMessageId(parts.ids);
  const wamid = `true_${jid}_${id}_out`;
  parts.ledger.append('messages', {
    provider: 'wppconnect',
    wamid,
    phoneNumberId: session.name,
    to: jid.endsWith('@c.us') ? digitsOf(jid) : jid,
    type: content.type,
    text: content.text,
    body: content.body,
    bizOpaqueCallbackData: null,
    contextMessageId: content.quotedId,
    reply,
  });
  const message = messageOf(session, content, jid, wamid);
  keepMessage(parts, session, message);
  if (parts.behaviour().web.selfMessages) emitEvent(parts, session, 'onselfmessage', message, wamid);
  const told = { ...message, id: { fromMe: true, remote: jid, id, self: 'out', _serialized: wamid } };
  scheduleAcks(parts, session, told, fate.kind === 'accept' ? fate.statuses : 'all');
  return [message];
}

const messageOf = (session: Session, content: Content, jid: string, wamid: string) => ({
  id: wamid,
  viewed: false,
  body: content.text ?? '',
  type: content.type,
  t: Math.floor(Date.now() / 1000),
  from: session.wid,
  to: jid,
  self: 'out',
  ack: 0,
  isNewMsg: true,
  isGroupMsg: isGroup(jid),
  fromMe: true,
  chatId: jid,
  quotedMsgId: content.quotedId,
  mediaData: {},
});

/** A message as acks repeat it: its id is an object there. */
type Told = Omit<ReturnType<typeof messageOf>, 'id'> & { id: { _serialized: string } & Record<string, unknown> };

/** 1 sent, 2 received, 3 read; below 0 failed. `odd`: an early one comes again at the end. */
function scheduleAcks(parts: SandboxParts, session: Session, message: Told, plan: StatusPlan): void {
  const { enabled, sentMs, deliveredMs, readMs } = parts.behaviour().statuses;
  if (!enabled || plan === 'none') return;
  const tell = (afterMs: number | null, ack: number) => {
    if (afterMs === null) return;
    const key = `${message.id._serialized}:${ack}`;
    parts.timers.after(afterMs, () => emitEvent(parts, session, 'onack', { ...message, ack }, key));
  };
  if (plan === 'failed') {
    tell(sentMs ?? 0, -1);
    return;
  }
  tell(sentMs, 1);
  if (plan !== 'read-only') tell(deliveredMs, 2);
  tell(readMs, 3);
  if (plan === 'odd') tell((readMs ?? 0) + 5, 1);
}
