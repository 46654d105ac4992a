import { CHANNEL_REASONS, channelReason, type NumberStanding } from '@recado/contracts';
import { cleanText } from '../../webhooks/clean.ts';
import type { NumberFacts } from '../provider.ts';
import type { Json } from './fields.ts';

/** A number as the Graph API shows it. */
export interface CheckedNumber {
  facts: NumberFacts;
  /** Why it does not work, for people; null when it does. */
  fault: string | null;
}

const BANNED = CHANNEL_REASONS.banned;
const UNVERIFIED = CHANNEL_REASONS.unverified;
const UNREGISTERED = CHANNEL_REASONS.register;
const GONE = CHANNEL_REASONS.gone;

/** Source: Meta's reference of phone numbers. Flagged and restricted ones still send. */
const FAULTS: Partial<Record<string, string>> = { BANNED, DELETED: GONE, MIGRATED: GONE, DISCONNECTED: UNREGISTERED };
/** A number that is registered may have these as well: Meta's test numbers are never verified. */
const UNLESS_REGISTERED: Partial<Record<string, string>> = { UNVERIFIED, PENDING: UNREGISTERED };

export function faultOf({ status, platform_type: platform, health_status: health }: Json): string | null {
  const state = typeof status === 'string' ? status : '';
  if (Object.hasOwn(FAULTS, state)) return FAULTS[state]!;
  if (platform === 'NOT_APPLICABLE' && Object.hasOwn(UNLESS_REGISTERED, state)) return UNLESS_REGISTERED[state]!;
  return blockOf(standingOf(health));
}

const PROBLEMS = 20;

/** Why nothing can be sent, with the remedies that Meta names; null when something can. */
function blockOf(standing: NumberStanding | null): string | null {
  if (standing?.canSend !== 'BLOCKED') return null;
  const said = standing.problems
    .filter(({ canSend }) => canSend === 'BLOCKED')
    .map(({ text, solution }) => [text, solution].filter((one) => one !== null).join(' '));
  return channelReason('blocked', {}, cleanText([...new Set(said)].join(' '), 900) || null);
}

/**
 * What Meta says of a number and of what it belongs to (`health_status`). A blocked part has
 * errors, a limited one has sentences.
 */
export function standingOf(health: unknown): NumberStanding | null {
  if (!isObject(health) || typeof health.can_send_message !== 'string') return null;
  const problems = objects(health.entities).flatMap((part) => {
    const about = { entity: word(part.entity_type), canSend: word(part.can_send_message) };
    const errors = objects(part.errors).map((error) => ({
      ...about,
      code: typeof error.error_code === 'number' ? String(error.error_code) : null,
      text: sentence(error.error_description) ?? word(error.error_code),
      solution: sentence(error.possible_solution),
    }));
    const notes = (Array.isArray(part.additional_info) ? part.additional_info : []).flatMap((said) => {
      const text = sentence(said);
      return text === null ? [] : [{ ...about, code: null, text, solution: null }];
    });
    return [...errors, ...notes];
  });
  return { canSend: word(health.can_send_message), problems: problems.slice(0, PROBLEMS) };
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const objects = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
const word = (value: unknown): string => cleanText(String(value ?? ''), 64);
const sentence = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? cleanText(value, 500) : null;
