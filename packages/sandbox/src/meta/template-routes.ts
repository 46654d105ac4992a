import type { SandboxParts } from '../parts.ts';
import { type Fields, invalid, isFields } from './fields.ts';
import type { MetaNumber } from './numbers.ts';
import { type Template, templateView } from './templates.ts';

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
  const fields = typeof query.fields === 'string' ? query.fields.split(',') : null;
  const data = page.map((template) => {
    const view = templateView(template);
    return fields
      ? Object.fromEntries(Object.entries(view).filter(([name]) => name === 'id' || fields.includes(name)))
      : view;
  });
  if (!last) return { data };
  return {
    data,
    paging: {
      cursors: { before: cursor(page[0]!), after: cursor(last) },
      ...(hasMore ? { next: `${self}?limit=${limit}&after=${cursor(last)}` } : {}),
    },
  };
}

/** POST /:wabaId/message_templates: the verdict comes at once or, as at Meta, later by webhook. */
export function createTemplate(parts: SandboxParts, account: MetaNumber, body: unknown): object {
  if (!isFields(body)) throw invalid('The request body must be a JSON object.');
  const { review, reviewMs } = parts.behaviour().templates;
  const verdict = review === 'approve' ? 'APPROVED' : review === 'reject' ? 'REJECTED' : 'PENDING';
  const atOnce = reviewMs === 0;
  const template = parts.templates.create(account.wabaId, body, atOnce ? verdict : 'PENDING');
  if (!atOnce && verdict !== 'PENDING') {
    parts.timers.after(reviewMs, () => {
      template.status = verdict;
      parts.webhooks.push(account.phoneNumberId, {
        kind: 'field',
        key: `template:${template.id}:${verdict}`,
        field: 'message_template_status_update',
        value: {
          event: verdict,
          message_template_id: Number(template.id),
          message_template_name: template.name,
          message_template_language: template.language,
          reason: verdict === 'REJECTED' ? 'INVALID_FORMAT' : 'NONE',
        },
      });
    });
  }
  return { id: template.id, status: template.status, category: template.category };
}

/** DELETE /:wabaId/message_templates?name=[&hsm_id=] */
export function deleteTemplates(parts: SandboxParts, wabaId: string, query: Fields): { success: true } {
  if (query.name === undefined && query.hsm_id === undefined) throw invalid('The parameter name is required.');
  const removed = parts.templates.remove(
    wabaId,
    (template) =>
      (query.name === undefined || template.name === query.name) &&
      (query.hsm_id === undefined || template.id === query.hsm_id),
  );
  if (removed === 0) throw invalid('Message template not found.');
  return { success: true };
}
