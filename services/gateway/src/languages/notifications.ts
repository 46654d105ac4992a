import type { Notification, NotificationKind } from '@recado/contracts';

/** What a notification says, in a language. */
export interface Told {
  title: string;
  message: string;
}

/**
 * One sentence per kind of the one table (contracts' NOTIFICATION_KINDS); what its params lack is
 * left out of it.
 */
export type NotificationTexts = Record<NotificationKind, (params: Notification['params']) => Told>;

type Params = Notification['params'];

/** ` "Ventas"`, or nothing: names stand in quotes after their noun. */
export const quoted = (value: Params[string] | undefined): string => (value ? ` "${value}"` : '');

/** ` (+51999888777)`, or nothing. */
export const inBrackets = (value: Params[string] | undefined): string => (value ? ` (${value})` : '');

/** `: INVALID_FORMAT`, or nothing: in the provider's words. */
export const because = (value: Params[string] | undefined): string => (value ? `: ${value}` : '');
