/**
 * Why a number does not work. Services keep and log these sentences; the gateway says each in the
 * language of the edition. A provider's own words may follow in brackets.
 */
export const CHANNEL_REASONS = {
  // The link of a phone.
  not_linked: 'No phone was linked in time. Connect the number again for a new code.',
  logged_out: 'The phone was logged out. Connect the number again and scan the new code.',
  lost: 'The connection to the phone was lost and is being restored',
  lost_for_long: 'The connection to the phone was lost. Check the phone, or connect the number again.',
  other_phone:
    'The phone that was linked is {phone}, and this number is {own}. Link its own phone, or add the other one as a number.',
  scan: 'The phone is not connected: scan its QR code',
  phone_offline: 'The phone is not connected to the {server} server',
  moved: 'Another account proved that this number is theirs now. Connect it again to bring it back.',
  // The server or the credentials.
  unreadable: 'The stored credentials cannot be read. Connect the number again.',
  server_away: 'The {server} server could not be reached',
  server_status: 'The {server} server answered with HTTP {status}',
  server_other: 'The answer does not come from a server of {server}',
  server_key: 'The key of the {server} server is not valid',
  server_secret: 'The secret key of the {server} server is not valid',
  session_token: 'The token of the {server} session is not valid',
  no_instance: 'The {server} server has no such instance',
  api_away: 'The {api} API could not be reached',
  api_status: 'The {api} API answered with HTTP {status}',
  token_invalid: 'The access token is not valid',
  token_expired: 'The access token is not valid or has expired',
  token_scope: 'The access token may not do this',
  token_permission: 'The access token lacks a permission',
  app_permission: 'The app lacks a permission',
  request_refused: 'WhatsApp did not accept the request',
  // The number and its account.
  app_limit: 'The app reached its call limit',
  account_limit: 'The account reached its rate limit',
  number_limit: 'The number reached its rate limit',
  unknown_trouble: 'WhatsApp had an unknown problem',
  whatsapp_away: 'WhatsApp is temporarily unavailable',
  maintenance: 'The account is in maintenance',
  policy_block: 'The account is temporarily blocked for policy violations',
  account_locked: 'The business account is locked',
  payment: 'The business account has a payment problem',
  name_unapproved: "The number's display name is not approved yet",
  not_registered: 'The number is not registered correctly',
  unregistered: 'The number is not registered with WhatsApp',
  register: 'The number is not registered: ask for a code and verify it, or register it at its provider',
  unverified: 'The number is not verified: ask for a code and verify it',
  blocked: 'WhatsApp does not let this number send',
  banned: 'WhatsApp banned this number',
  gone: 'The number is not at this business account any more',
  reported: 'The number is restricted because customers reported it',
  quality: 'The number is restricted because of its quality',
  deleted_lately: 'The number was deleted a moment ago: wait some minutes',
  registered_often: 'The number was registered too often: wait',
  none: 'WhatsApp gave no reason',
} as const;
export type ChannelReason = keyof typeof CHANNEL_REASONS;

/** A sentence with its places filled in, and what the provider said. */
export function channelReason(
  reason: ChannelReason,
  values: Readonly<Record<string, string | number>> = {},
  said: string | null = null,
): string {
  const sentence = CHANNEL_REASONS[reason].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
  return said ? `${sentence} (${said})` : sentence;
}

export interface ReadReason {
  reason: ChannelReason;
  values: Record<string, string>;
  /** In the provider's words. */
  said: string | null;
}

const PATTERNS = Object.entries(CHANNEL_REASONS).map(([reason, sentence]) => {
  const literal = sentence.replace(/[.*+?^$()[\]|\\]/g, '\\$&');
  const pattern = new RegExp(`^${literal.replace(/\{(\w+)\}/g, '(?<$1>.+?)')}(?: \\((?<said>.*)\\))?$`, 's');
  return [reason as ChannelReason, pattern] as const;
});

/** Which reason a sentence is; null for a provider's own words alone. */
export function readChannelReason(text: string): ReadReason | null {
  for (const [reason, pattern] of PATTERNS) {
    const found = pattern.exec(text);
    if (!found) continue;
    const { said = null, ...values } = found.groups ?? {};
    return { reason, values: values as Record<string, string>, said: said ?? null };
  }
  return null;
}
