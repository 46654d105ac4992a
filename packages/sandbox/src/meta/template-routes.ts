import type { SandboxParts } from '../parts.ts';
import { GraphError, noSuchObject } from './errors.ts';
import { checkHandles } from './example-routes.ts';
import { type Fields, invalid, isFields } from './fields.ts';
import type { MetaNumber } from './numbers.ts';
import { tellStatus } from './template-news.ts';
import { ONLY_ASKED_FOR, type Template, templateView } from './templates.ts';

/** GET /:wabaId/message_templates */
export function listTemplates(parts: SandboxParts, wabaId: string, query: Fields, self: string): object {
  const limit = Math.min(Math.max(Number(query.limit ?? 25) || 25, 1), 1000);
  const matching = parts.templates
    .list(wabaId)
    .filter(
      (template) =>
        (query.name === undefined || template.name.includes(String(query.name))) &&
        (query.status === undefined || template.status === String(query.status).toUpperCase()) &&
        (query.language === undefined || template.language === query.language) &&
        (query.category === undefined || template.category === String(query.category).toUpperCase()),
    );
  const cursor = (template: Template) => Buffer.from(template.id).toString('base64url');
  const after = query.after === undefined ? -1 : matching.findIndex((template) => cursor(template) === query.after);
  const page = matching.slice(after + 1, after + 1 + limit);
  const last = page.at(-1);
  const hasMore = last !== undefined && last !== matching.at(-1);
  const data = page.map((template) => shown(template, query));
  if (!last) return { data };
  return {
    data,
    paging: {
      cursors: { before: cursor(page[0]!), after: cursor(last) },
      ...(hasMore ? { next: `${self}?limit=${limit}&after=${cursor(last)}` } : {}),
    },
  };
}

/** The fields that were asked for, as Meta does. */
function shown(template: Template, query: Fields): Fields {
  const fields = typeof query.fields === 'string' ? query.fields.split(',') : null;
  const view = Object.entries(templateView(template));
  return Object.fromEntries(
    view.filter(([name]) => (fields ? name === 'id' || fields.includes(name) : !ONLY_ASKED_FOR.includes(name))),
  );
}

/** GET /:templateId; null when the id names none of the account's. */
export function getTemplate(parts: SandboxParts, numbers: MetaNumber[], id: string, query: Fields): Fields | null {
  const template = findOwn(parts, numbers, id);
  return template && shown(template, query);
}

const findOwn = (parts: SandboxParts, numbers: MetaNumber[], id: string): Template | null => {
  const template = parts.templates.findById(id);
  return template && numbers.some(({ wabaId }) => wabaId === template.wabaId) ? template : null;
};

/** POST /:wabaId/message_templates: the verdict comes at once or, as at Meta, later by webhook. */
export function createTemplate(parts: SandboxParts, account: MetaNumber, body: unknown): object {
  if (!isFields(body)) throw invalid('The request body must be a JSON object.');
  checkHandles(parts, account, body.components);
  const template = parts.templates.create(account.wabaId, body, 'PENDING');
  review(parts, template);
  return { id: template.id, status: template.status, category: template.category };
}

/** POST /:templateId: replaces parts of it; it is reviewed again. */
export function editTemplate(parts: SandboxParts, numbers: MetaNumber[], id: string, body: unknown): object {
  const template = findOwn(parts, numbers, id);
  if (!template) throw noSuchObject(id, 'post');
  if (!isFields(body)) throw invalid('The request body must be a JSON object.');
  checkHandles(parts, numbers[0]!, body.components);
  parts.templates.edit(template, body, Date.now());
  if (template.status === 'REJECTED') template.status = 'PENDING';
  review(parts, template);
  return { success: true };
}

/** The verdict of a new or changed template, now or later. */
function review(parts: SandboxParts, template: Template): void {
  const { review: wanted, reviewMs } = parts.behaviour().templates;
  if (wanted === 'none') return;
  const verdict = wanted === 'approve' ? 'APPROVED' : 'REJECTED';
  const reason = verdict === 'REJECTED' ? 'INVALID_FORMAT' : 'NONE';
  if (reviewMs > 0) parts.timers.after(reviewMs, () => tellStatus(parts, template, verdict, reason));
  else {
    template.status = verdict;
    template.rejectedReason = reason;
  }
}

/** DELETE /:wabaId/message_templates?name=[&hsm_id=] or ?hsm_ids=[…] */
export function deleteTemplates(parts: SandboxParts, wabaId: string, query: Fields): { success: true } {
  const { name, hsm_id: id } = query;
  const ids = readIds(query);
  if (ids && (name !== undefined || id !== undefined)) {
    throw invalid('Param hsm_ids cannot be combined with name or hsm_id.');
  }
  if (!ids && name === undefined) throw invalid('The parameter name is required.');
  const own = parts.templates.list(wabaId);
  const matching = own.filter((template) =>
    ids ? ids.includes(template.id) : template.name === name && (id === undefined || template.id === id),
  );
  if (matching.length === 0 || (ids && matching.length < ids.length)) {
    throw new GraphError(100, {
      message: 'Invalid parameter',
      userTitle: 'Message template not found',
      userMessage: "The message template doesn't exist.",
    });
  }
  if (matching.some(({ status }) => status === 'DISABLED')) {
    throw new GraphError(100, {
      message: 'Invalid parameter',
      userTitle: "Message template can't be deleted",
      userMessage: 'Templates that are disabled cannot be deleted.',
    });
  }
  parts.templates.remove(wabaId, (template) => matching.includes(template));
  return { success: true };
}

function readIds({ hsm_ids: given }: Fields): string[] | null {
  if (given === undefined) return null;
  const ids = String(given).match(/\d+/g) ?? [];
  if (ids.length === 0 || ids.length > 100) throw invalid('Param hsm_ids must have between 1 and 100 elements.');
  return ids;
}
