import type { TemplateEvent } from '../control/schemas.ts';
import type { SandboxParts } from '../parts.ts';
import type { Fields } from './fields.ts';
import type { Template, TemplateStatus } from './templates.ts';

/** What the event of a status makes of the template. */
const STATUS_OF: Record<string, TemplateStatus> = {
  REINSTATED: 'APPROVED',
  UNARCHIVED: 'APPROVED',
  UNLOCKED: 'APPROVED',
};

/** Changes a template's status and tells so, as Meta does. */
export function tellStatus(parts: SandboxParts, template: Template, event: string, reason = 'NONE'): void {
  if (event !== 'FLAGGED' && event !== 'DELETED') {
    template.status = STATUS_OF[event] ?? (event as TemplateStatus);
    template.rejectedReason = event === 'REJECTED' ? reason : 'NONE';
  }
  tell(parts, template, 'message_template_status_update', {
    event,
    reason,
    message_template_category: template.category,
    ...(event === 'DISABLED' && { disable_info: { disable_date: Math.floor(Date.now() / 1000) } }),
    ...(event === 'REJECTED' &&
      reason === 'INVALID_FORMAT' && {
        rejection_info: {
          reason: 'The format is not valid.',
          recommendation: 'Correct the variables and submit again.',
        },
      }),
  });
  if (event === 'DELETED') parts.templates.remove(template.wabaId, (one) => one === template);
}

/** What the control says happened to a template. */
export function applyTemplateEvent(parts: SandboxParts, template: Template, given: TemplateEvent): void {
  const { event, reason, quality, category, correctCategory, components } = given;
  if (event) tellStatus(parts, template, event, reason);
  if (quality) {
    tell(parts, template, 'message_template_quality_update', {
      previous_quality_score: template.quality,
      new_quality_score: quality,
    });
    template.quality = quality;
  }
  if (correctCategory) {
    template.correctCategory = correctCategory;
    tell(parts, template, 'template_category_update', {
      correct_category: correctCategory,
      new_category: template.category,
      category_update_timestamp: Math.floor(Date.now() / 1000) + 24 * 3600,
    });
  }
  if (category) {
    template.previousCategory = template.category;
    template.correctCategory = null;
    template.category = category;
    tell(parts, template, 'template_category_update', {
      previous_category: template.previousCategory,
      new_category: category,
    });
  }
  if (components) {
    template.components = components;
    tell(parts, template, 'message_template_components_update', componentsOf(components));
  }
}

const textOf = (components: readonly Fields[], type: string) =>
  components.find((component) => String(component.type).toUpperCase() === type)?.text;

/** Meta tells the texts under other names. */
function componentsOf(components: readonly Fields[]): Fields {
  return {
    message_template_element: textOf(components, 'BODY'),
    message_template_title: textOf(components, 'HEADER'),
    message_template_footer: textOf(components, 'FOOTER'),
  };
}

/** Once to each webhook of the account: an app has one for all its numbers. */
function tell(parts: SandboxParts, template: Template, field: string, value: Fields): void {
  const told = new Set<string | null>();
  for (const number of parts.numbers.ofWaba(template.wabaId)) {
    const app = `${number.appSecret} ${number.webhookUrl}`;
    if (told.has(app)) continue;
    told.add(app);
    parts.webhooks.push(number.phoneNumberId, {
      kind: 'field',
      key: `template:${template.id}:${field}`,
      field,
      value: {
        message_template_id: Number(template.id),
        message_template_name: template.name,
        message_template_language: template.language,
        ...value,
      },
    });
  }
}
