import type { FieldError } from '@recado/contracts';
import type { Refusal } from '../provider.ts';
import type { TemplateProblem } from '../templates.ts';

/** Meta's subcodes of code 100 and 192, for templates. */
const SUBCODES: Record<string, TemplateProblem> = {
  2388023: 'taken', // the language is being deleted
  2388024: 'taken', // it exists
  2388040: about('too_big'),
  2388043: about('template_example'),
  2388047: about('template_plain'),
  2388072: about('template_order'),
  2388073: about('template_no_variables'),
  2388293: about('template_ratio'),
  2388299: about('template_edge'),
};

function about(code: FieldError['code']): TemplateProblem {
  return { field: 'components', code };
}

export function problemOf({ subcode }: Refusal): TemplateProblem | null {
  return subcode !== undefined && Object.hasOwn(SUBCODES, subcode) ? SUBCODES[subcode]! : null;
}
