import type { Message } from '@recado/contracts';

/** What the document shows as `metadata` of a message of ours; null for one without. */
export function sentMetadata({ direction, details, metadata }: Message): Record<string, unknown> | null {
  if (direction === 'inbound' || metadata !== null || !details) return metadata;
  const { template, interactive, media } = details;
  if (template) {
    return {
      templateName: template.name,
      parameters: valuesOf(template.params ?? {}),
      languageCode: template.language,
    };
  }
  if (interactive) return interactiveMetadata(interactive);
  return media?.url === undefined && media?.fileId === undefined ? null : { url: media.url, fileId: media.fileId };
}

type Interactive = NonNullable<NonNullable<Message['details']>['interactive']>;

function interactiveMetadata(sent: Interactive): Record<string, unknown> {
  const around = { headerText: sent.header?.text, footerText: sent.footer };
  switch (sent.kind) {
    case 'buttons':
      return { interactiveType: 'button', buttons: sent.buttons, ...around };
    case 'list':
      return { interactiveType: 'list', buttonText: sent.button, sections: sent.sections, ...around };
    case 'link':
      return { interactiveType: 'cta_url', buttonText: sent.button, url: sent.url, ...around };
  }
}

/** In the order of `{{1}}`, `{{2}}` …; by name as they came. */
const valuesOf = (params: Record<string, string>): string[] =>
  Object.entries(params)
    .sort(([a], [b]) => Number(a) - Number(b) || 0)
    .map(([, value]) => value);
