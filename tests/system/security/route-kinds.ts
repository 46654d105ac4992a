import type { Kind } from '../seeded-tenant.ts';

/** What a word in a path or a key names, in whichever edition. First match wins. */
const WORDS: [RegExp, Kind][] = [
  [/stage/i, 'stage'],
  [/card/i, 'card'],
  [/board/i, 'board'],
  [/canned|answerId/i, 'cannedAnswer'],
  [/scheduled/i, 'scheduledMessage'],
  [/template/i, 'template'],
  [/task/i, 'task'],
  [/custom-?field|fieldId/i, 'customField'],
  [/import/i, 'import'],
  [/campaign/i, 'campaign'],
  [/rule/i, 'rule'],
  [/macro/i, 'macro'],
  [/webhook-?deliver|deliveryId/i, 'webhookDelivery'],
  [/webhook-?replay|replayId/i, 'webhookReplay'],
  [/webhook-?endpoint/i, 'webhookEndpoint'],
  [/notific/i, 'notification'],
  [/api-?_?key|llave/i, 'apiKey'],
  [/role|rol\b/i, 'role'],
  [/instance|number|channel|whatsapp/i, 'channel'],
  [/conversation|chat/i, 'conversation'],
  [/message/i, 'message'],
  [/contact|client/i, 'contact'],
  [/group|grupo/i, 'group'],
  [/session/i, 'session'],
  [/file/i, 'file'],
  [/tenant|compan|organization/i, 'tenant'],
  [/user|agent|actor|assigned/i, 'user'],
];

const kindOf = (word: string): Kind | null => WORDS.find(([pattern]) => pattern.test(word))?.[1] ?? null;

/** What a path parameter names: by its own name, else by the words before it. */
export function kindOfParam(path: string, param: string): Kind | null {
  if (path.endsWith(`:${param}/erasure`)) return 'erasedContact';
  if (param !== 'id') {
    const own = kindOf(param);
    if (own) return own;
  }
  const before = path
    .slice(0, path.indexOf(`:${param}`))
    .split('/')
    .filter(Boolean)
    .reverse();
  for (const word of before) {
    const kind = kindOf(word);
    if (kind) return kind;
  }
  return null;
}

/** What a key of a body or query names, when it is one that holds an id of ours, or several. */
export function kindOfKey(key: string): Kind | null {
  return !key.startsWith('meta_') && (/(?:_id|Id)$/.test(key) || holdsIds(key)) ? kindOf(key) : null;
}

/** Whether a key holds a list of ids. */
export const holdsIds = (key: string): boolean => /(?:_ids|Ids|^groups)$/.test(key);
