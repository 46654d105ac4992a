import { APP_ID } from './example-uploads.ts';
import type { Fields } from './fields.ts';
import type { HealthIssue, MetaNumber } from './numbers.ts';
import { registrationView } from './verification.ts';

const RANKS = ['AVAILABLE', 'LIMITED', 'BLOCKED'];

/** `health_status` of a number: each part, and the worst. Only blocked parts have errors. */
export function healthView(number: MetaNumber): Fields {
  const issues = [...(number.health ?? []), ...ofRegistration(number)];
  const part = (entity: HealthIssue['entity'], id: string): Fields => {
    const own = issues.filter((issue) => issue.entity === entity);
    const state = worstOf(own.map(({ canSendMessage }) => canSendMessage));
    const errors = own.flatMap((issue) => (issue.canSendMessage === 'BLOCKED' ? issue.errors : []));
    const info = own.flatMap((issue) => (issue.canSendMessage === 'LIMITED' ? issue.info : []));
    return {
      entity_type: entity,
      id,
      can_send_message: state,
      ...(errors.length > 0 && {
        errors: errors.map(({ code, description, solution }) => ({
          error_code: code,
          error_description: description,
          possible_solution: solution,
        })),
      }),
      ...(info.length > 0 && { additional_info: info }),
    };
  };
  const entities = [
    part('PHONE_NUMBER', number.phoneNumberId),
    part('WABA', number.wabaId),
    part('BUSINESS', `8${number.wabaId}`),
    part('APP', APP_ID),
  ];
  return { can_send_message: worstOf(entities.map((one) => String(one.can_send_message))), entities };
}

/** An unregistered number sends nothing. */
function ofRegistration(number: MetaNumber): HealthIssue[] {
  if (registrationView(number).platform_type !== 'NOT_APPLICABLE') return [];
  const error = {
    code: 141000,
    description: 'The phone number is not registered for the Cloud API.',
    solution: 'Register the number with its PIN.',
  };
  return [{ entity: 'PHONE_NUMBER', canSendMessage: 'BLOCKED', errors: [error], info: [] }];
}

const worstOf = (states: readonly string[]): string =>
  RANKS[Math.max(0, ...states.map((state) => RANKS.indexOf(state)))]!;
