import {
  type CannedUse,
  type CustomFields,
  charactersOf,
  FIELD_CODES,
  MAX_CANNED_LENGTH,
  namesOf,
  type OutboundContent,
} from '@recado/contracts';
import { readTenant, type Tx, withTenant } from '@recado/database';
import { type Caller, NotFound, ValidationFailed } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { type AnswerRow, countUse, selectAnswer } from './store.ts';
import { type Filled, fillAnswer, variablesOf } from './variables.ts';

type UseDeps = Pick<Deps, 'db' | 'names'>;

export interface Preview extends Filled {
  media: AnswerRow['media'];
}

/**
 * What an answer says in a conversation.
 * @throws NotFound `conversation` or `canned_answer`; Unavailable when a name cannot be asked for
 */
export async function previewAnswer(
  deps: UseDeps,
  caller: Caller,
  conversationId: string,
  { answerId, values }: Pick<CannedUse, 'answerId' | 'values'>,
): Promise<Preview> {
  const { tenantId, userId } = caller;
  const [[answer], [subject]] = await readTenant(deps.db, tenantId, (tx) => [
    selectAnswer(tx, tenantId, userId, answerId),
    selectSubject(tx, tenantId, conversationId),
  ]);
  if (!subject) throw new NotFound('conversation', conversationId);
  if (!answer) throw new NotFound('canned_answer', answerId);
  const names = variablesOf(answer.content).map(({ name }) => name);
  const known = new Map([...valuesOf(subject), ...(await namesAsked(deps, caller, names)), ...Object.entries(values)]);
  return { ...fillAnswer(answer.content, known), media: answer.media };
}

/**
 * An answer as content to send.
 * @throws as previewAnswer; ValidationFailed naming each value that is missing, or a text that grew
 *   too long
 */
export async function contentOfAnswer(
  deps: UseDeps,
  caller: Caller,
  conversationId: string,
  use: CannedUse,
): Promise<OutboundContent> {
  const { content, media, missing } = await previewAnswer(deps, caller, conversationId, use);
  if (missing.length > 0) {
    const message = FIELD_CODES.required;
    throw new ValidationFailed(missing.map(({ name }) => ({ field: `values.${name}`, code: 'required', message })));
  }
  checkLength(content, media === null ? 'content.body' : 'content.caption');
  const quoting = use.replyTo === undefined ? {} : { replyTo: use.replyTo };
  if (media === null) return { kind: 'text', body: content, ...quoting };
  const { kind, fileId, fileName } = media;
  const file = { media: { fileId }, ...quoting };
  if (kind === 'audio' || kind === 'sticker') return { kind, ...file };
  const caption = content === '' ? {} : { caption: content };
  if (kind === 'document') return { kind, ...file, ...caption, ...(fileName !== undefined && { fileName }) };
  return { kind, ...file, ...caption };
}

/** Its values may have made it longer than a message is: one that is sent later would fail then. */
function checkLength(content: string, field: string): void {
  if (charactersOf(content) <= MAX_CANNED_LENGTH) return;
  const params = { origin: 'string', maximum: MAX_CANNED_LENGTH };
  throw new ValidationFailed([{ field, message: `At most ${MAX_CANNED_LENGTH} characters`, code: 'too_big', params }]);
}

/** Counts the use of an answer, apart from the send: no send waits for the row of another. */
export async function noteUse({ db, log }: Pick<Deps, 'db' | 'log'>, tenantId: string, id: string): Promise<void> {
  try {
    await withTenant(db, tenantId, (tx) => countUse(tx, tenantId, id));
  } catch (error) {
    // The message is on its way. A count that is one too low only changes the order of a list.
    log.warn({ err: error }, 'the use of a canned answer was not counted');
  }
}

interface Subject {
  id: string;
  name: string | null;
  firstName: string | null;
  lastName: string | null;
  phone: string | null;
  email: string | null;
  company: string | null;
  customFields: CustomFields;
}

const selectSubject = (tx: Tx, tenantId: string, conversationId: string) =>
  tx<Subject[]>`
    select c.id, k.name, k.first_name as "firstName", k.last_name as "lastName", coalesce(c.peer_phone, k.phone) as phone,
           k.email, k.company, k.custom_fields as "customFields"
    from conversations c join contacts k on k.tenant_id = c.tenant_id and k.id = c.contact_id
    where c.tenant_id = ${tenantId} and c.id = ${conversationId}`;

function valuesOf(subject: Subject): [string, string][] {
  const { firstName, lastName } = namesOf(subject);
  const custom = Object.entries(subject.customFields).map(([key, value]) => [`contact.custom.${key}`, value] as const);
  const all: (readonly [string, unknown])[] = [
    ['chat.id', subject.id],
    ['contact.name', subject.name],
    ['contact.first_name', firstName],
    ['contact.last_name', lastName],
    ['contact.phone', subject.phone],
    ['contact.email', subject.email],
    ['contact.company', subject.company],
    ...custom,
  ];
  return all.flatMap(([name, value]) => (value === null || value === undefined ? [] : [[name, String(value)]]));
}

/** What identity knows, asked for only where a variable wants it. */
async function namesAsked({ names }: UseDeps, { tenantId, userId }: Caller, wanted: readonly string[]) {
  const wantsAgent = userId !== null && wanted.some((name) => name.startsWith('agent.'));
  const [agent, company] = await Promise.all([
    wantsAgent ? names.user(tenantId, userId) : null,
    wanted.includes('company.name') ? names.company(tenantId) : null,
  ]);
  const known: [string, string][] = company === null ? [] : [['company.name', company]];
  if (agent === null) return known;
  const { firstName, lastName } = agent;
  return [...known, ['agent.name', `${firstName} ${lastName}`.trim()], ['agent.first_name', firstName]] as [
    string,
    string,
  ][];
}
