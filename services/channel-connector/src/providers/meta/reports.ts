import type { ProviderError } from '@recado/contracts';
import { cutText } from '@recado/service-kit';
import { cleanText, fitMetadata } from '../../webhooks/clean.ts';
import type { ChannelReport } from '../news.ts';
import { isObject, type Json } from './fields.ts';

type Told = Omit<ChannelReport, 'at'>;
type Reader = (value: Json) => Told | null;

const text = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? cleanText(value, 1000) : null;
const code = (value: unknown): string => cutText(text(value) ?? 'unknown', 100);
/** Characters of JSON. */
const MAX_RAW = 20_000;
const SEVERE = /CRITICAL|DISABLE|BAN|VIOLATION|RESTRICT|REJECT|DELETED|REMOVED|BLOCK/i;
const severityOf = (...words: unknown[]): Told['severity'] =>
  words.some((word) => typeof word === 'string' && SEVERE.test(word)) ? 'error' : 'warning';

/** Events of an account that limit nothing. */
const HARMLESS =
  /^(PARTNER_(ADDED|APP_|CLIENT_)|MM_LITE_|AD_ACCOUNT_LINKED|VOLUME_BASED_|AUTH_INTL_|BUSINESS_PRIMARY_)/;

/** They tell nothing to people, or stand elsewhere. */
const SILENT = /(^|_)(id|event|messaging_product|metadata|phone_number|timestamp)$/;
const MAX_LEVELS = 4;

/** What the parts of an event say, as `key: value`. */
function factsOf(value: unknown, depth = 0): string | null {
  if (Array.isArray(value))
    return text(
      value
        .map((one) => factsOf(one, depth))
        .filter(Boolean)
        .join('; '),
    );
  const lines = Object.entries(isObject(value) ? value : {}).map(([key, one]) => {
    if (SILENT.test(key) || one === null) return null;
    if (typeof one === 'object') return depth < MAX_LEVELS ? factsOf(one, depth + 1) : null;
    return `${key}: ${String(one)}`;
  });
  return text(lines.filter(Boolean).join(', '));
}

const named = (name: string, facts: string | null): string | null => facts && cleanText(`${name} (${facts})`, 1000);

/** The fields of an account or of a number's state by name. */
const READERS: Partial<Record<string, Reader>> = {
  phone_number_quality_update: (value) => {
    const event = code(value.event);
    const limit = text(value.current_limit) ?? text(value.max_daily_conversations_per_business);
    const worse = /^(FLAGGED|DOWNGRADE)$/.test(event);
    const quality = event === 'FLAGGED' ? 'RED' : event === 'UNFLAGGED' ? 'GREEN' : undefined;
    return {
      ...{ kind: 'quality', code: event, severity: worse ? 'warning' : 'info', text: limit },
      ...(quality && { quality }),
      ...(limit && { messagingLimit: limit }),
    };
  },
  phone_number_name_update: ({ decision, rejection_reason: reason }) => ({
    kind: 'name',
    code: code(decision),
    severity: decision === 'APPROVED' ? 'info' : 'warning',
    text: text(reason),
  }),
  account_update: (value) => {
    const event = code(value.event);
    const ban = isObject(value.ban_info) ? code(value.ban_info.waba_ban_state) : null;
    const violation = isObject(value.violation_info) ? text(value.violation_info.violation_type) : null;
    const restrictions = Array.isArray(value.restriction_info) ? value.restriction_info.filter(isObject) : [];
    const restricted = restrictions.map((one) => text(one.restriction_type)).filter((one) => one !== null);
    const isGone = /^(ACCOUNT_DELETED|PARTNER_REMOVED|ACCOUNT_OFFBOARDED)$/.test(event) || ban === 'DISABLE';
    const isBack = ban === 'REINSTATE' || /^(VERIFIED_ACCOUNT|ACCOUNT_RECONNECTED)$/.test(event);
    return {
      kind: 'account',
      code: ban ?? event,
      severity: isBack || HARMLESS.test(event) ? 'info' : severityOf(event, ban, violation, ...restricted),
      text: violation ?? (restricted.join(', ') || named(event, factsOf(value))),
      ...(isGone && { stops: true }),
      ...(isBack && { stops: false }),
    };
  },
  account_alerts: (value) => {
    // Older examples have its fields beside the others.
    const told = isObject(value.alert_info) ? value.alert_info : value;
    const { alert_severity: severity, alert_type: type, alert_description: description } = told;
    return {
      kind: 'alert',
      code: code(type),
      severity: severity === 'INFORMATIONAL' ? 'info' : severityOf(severity),
      text: text(description),
    };
  },
  account_review_update: ({ decision }) => ({
    kind: 'review',
    code: code(decision),
    severity: decision === 'APPROVED' ? 'info' : severityOf(decision),
    text: null,
  }),
  business_capability_update: (value) => {
    const limit = value.max_daily_conversations_per_business ?? value.max_daily_conversation_per_phone;
    const shown = typeof limit === 'number' || typeof limit === 'string' ? String(limit) : null;
    return {
      ...{ kind: 'limits', code: 'capability', severity: 'info', text: shown },
      ...(shown && { messagingLimit: shown }),
    };
  },
  security: ({ event }) => ({ kind: 'security', code: code(event), severity: 'warning', text: null }),
};

/** A report, with the phone of the number that it is about, where it names one. */
export interface PhoneReport {
  /** Digits. */
  phone: string | null;
  report: ChannelReport;
}

/** A field that no reader knows: what it says is shown, and all of it kept. */
function unknownReport(field: string, value: Json): Told {
  const told = [value.event, value.type, value.status].find((one) => typeof one === 'string');
  const raw = fitMetadata(value, MAX_RAW);
  return { kind: code(field), code: code(told ?? field), severity: 'info', text: named(field, factsOf(value)), raw };
}

/** Null for `messages`, which tell of no number's state. */
export function readReport(field: unknown, value: Json, at: string): PhoneReport | null {
  if (typeof field !== 'string' || field === '' || field === 'messages') return null;
  const told = Object.hasOwn(READERS, field) ? READERS[field]!(value) : unknownReport(field, value);
  if (!told) return null;
  const named = value.display_phone_number ?? value.phone_number;
  const phone = typeof named === 'string' ? named.replace(/\D/g, '') : '';
  return { phone: phone === '' ? null : phone, report: { ...told, at } };
}

/** Errors that a change tells without a message: they are the number's own. */
export function errorReports(errors: readonly ProviderError[], at: string): ChannelReport[] {
  return errors.map((error) => ({
    ...{ kind: 'error', code: error.code ?? 'unknown', severity: 'error' as const, at },
    text: text(error.details ?? error.message ?? error.title),
  }));
}
