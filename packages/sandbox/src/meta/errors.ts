/**
 * Meta's refusals: HTTP status and title by code, from developers.facebook.com "Error codes" of the
 * Cloud API.
 */
const table: Record<number, { status: number; title: string; details?: string }> = {
  0: { status: 401, title: 'AuthException' },
  1: { status: 400, title: 'An unknown error occurred' },
  2: { status: 503, title: 'Service temporarily unavailable' },
  3: { status: 500, title: 'API Method' },
  4: { status: 400, title: 'Application request limit reached' },
  10: { status: 403, title: 'Application does not have permission for this action' },
  100: { status: 400, title: 'Invalid parameter' },
  190: { status: 401, title: 'Invalid OAuth access token - Cannot parse access token' },
  200: { status: 403, title: 'You do not have the necessary permissions to send messages on behalf of this account' },
  368: { status: 403, title: 'Temporarily blocked for policies violations' },
  80007: { status: 429, title: 'Rate limit issues' },
  130429: {
    status: 429,
    title: 'Rate limit hit',
    details:
      'Message failed to send because there were too many messages sent from this phone number in a short period of time',
  },
  130472: {
    status: 400,
    title: "User's number is part of an experiment",
    details: "Failed to send message because this user's phone number is part of an experiment",
  },
  130497: { status: 403, title: 'Business account is restricted from messaging users in this country' },
  131000: {
    status: 500,
    title: 'Something went wrong',
    details: 'Message failed to send because of an unknown error. Try again later.',
  },
  131005: { status: 403, title: 'Access denied' },
  131008: { status: 400, title: 'Required parameter is missing' },
  131009: { status: 400, title: 'Parameter value is not valid' },
  131016: { status: 500, title: 'Service unavailable' },
  131021: { status: 400, title: 'Recipient cannot be sender' },
  131026: { status: 400, title: 'Message undeliverable', details: 'Message Undeliverable.' },
  131030: { status: 400, title: 'Recipient phone number not in allowed list' },
  131031: { status: 403, title: 'Business Account locked', details: 'Your account has been disabled.' },
  131037: { status: 400, title: 'WhatsApp provided number needs display name approval before message can be sent' },
  131020: { status: 400, title: 'Cannot send messages to single member groups.' },
  131041: {
    status: 400,
    title: 'The group was not found, either because it doesn’t exist or you are not a member.',
  },
  131042: { status: 400, title: 'Business eligibility payment issue' },
  131045: { status: 500, title: 'Incorrect certificate' },
  131047: {
    status: 400,
    title: 'Re-engagement message',
    details:
      'Message failed to send because more than 24 hours have passed since the customer last replied to this number.',
  },
  131048: {
    status: 429,
    title: 'Spam rate limit hit',
    details:
      'Message failed to send because there are restrictions on how many messages can be sent from this phone number.',
  },
  131049: { status: 400, title: 'This message was not delivered to maintain healthy ecosystem engagement.' },
  131050: {
    status: 400,
    title:
      'Unable to deliver the message. This recipient has chosen to stop receiving marketing messages on WhatsApp from your business',
  },
  131051: { status: 400, title: 'Message type is not currently supported', details: 'Message type unknown' },
  131052: { status: 400, title: 'Media download error' },
  131053: { status: 400, title: 'Media upload error' },
  131056: {
    status: 429,
    title: '(Business Account, Consumer Account) pair rate limit hit',
    details:
      'Message failed to send because there were too many messages sent from this phone number to the same phone number in a short period of time',
  },
  131057: { status: 500, title: 'Account in maintenance mode' },
  131062: { status: 400, title: 'This message cannot be sent to this user' },
  131064: { status: 403, title: 'Number restricted for quality' },
  132000: { status: 400, title: 'Number of parameters does not match the expected number of params' },
  132001: { status: 404, title: 'Template name does not exist in the translation' },
  132005: { status: 400, title: 'Template hydrated text too long' },
  132007: { status: 400, title: 'Template format character policy violated' },
  132008: { status: 400, title: 'Template parameter is invalid' },
  132012: { status: 400, title: 'Template parameter format does not match' },
  132015: { status: 400, title: 'Template is paused' },
  132016: { status: 400, title: 'Template is disabled' },
  132018: { status: 400, title: 'There is a problem with the parameters in your template' },
  132068: { status: 400, title: 'Flow is blocked' },
  132069: { status: 400, title: 'Flow is throttled' },
  133005: { status: 400, title: 'Two-step verification PIN Mismatch' },
  133006: { status: 400, title: 'Phone number re-verification needed' },
  133010: { status: 400, title: 'Phone number is not registered' },
  133015: { status: 400, title: 'Please wait a few minutes before attempting to register this phone number' },
  133016: { status: 400, title: 'Account register or deregister rate limit exceeded' },
  135000: { status: 400, title: 'Generic user error' },
  136024: { status: 400, title: 'Request code error' },
  136025: { status: 400, title: 'Verify code error' },
};

/** Every code the sandbox can answer with. */
export const metaErrorCodes: readonly number[] = Object.keys(table).map(Number);

export interface GraphErrorOptions {
  details?: string | undefined;
  message?: string | undefined;
  subcode?: number | undefined;
  status?: number | undefined;
  /** For people, beside `message`: what template definitions are refused with. */
  userTitle?: string | undefined;
  userMessage?: string | undefined;
}

/** A refusal of the Graph API; the error handler of the Meta rooms turns it into Meta's body. */
export class GraphError extends Error {
  readonly code: number;
  readonly status: number;
  readonly details: string | undefined;
  readonly subcode: number | undefined;
  readonly userTitle: string | undefined;
  readonly userMessage: string | undefined;

  constructor(code: number, options: GraphErrorOptions = {}) {
    const known = table[code] ?? { status: 400, title: 'Unknown error' };
    // Meta writes the code in front of the title, save where the platform (not WhatsApp) answers.
    super(options.message ?? (code < 10 || code === 190 ? known.title : `(#${code}) ${known.title}`));
    this.code = code;
    this.status = options.status ?? known.status;
    this.details = options.details ?? known.details ?? (code >= 100_000 ? known.title : undefined);
    this.subcode = options.subcode;
    this.userTitle = options.userTitle;
    this.userMessage = options.userMessage;
  }
}

/** The body Meta answers with. */
export function graphErrorBody(error: GraphError, trace: string): object {
  return {
    error: {
      message: error.message,
      type: 'OAuthException',
      code: error.code,
      ...(error.subcode === undefined ? {} : { error_subcode: error.subcode }),
      ...(error.userTitle === undefined
        ? {}
        : { is_transient: false, error_user_title: error.userTitle, error_user_msg: error.userMessage }),
      ...(error.details === undefined ? {} : { error_data: { messaging_product: 'whatsapp', details: error.details } }),
      fbtrace_id: trace,
    },
  };
}

/** An element of `errors[]` in a webhook's status. */
export function webhookError(code: number): object {
  const known = table[code] ?? { title: 'Unknown error', details: undefined };
  return {
    code,
    title: known.title,
    message: known.title,
    error_data: { details: known.details ?? known.title },
    href: 'https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/',
  };
}

/** Meta's answer for an object that is missing or not visible to the token: both look the same. */
export function noSuchObject(id: string, method: string): GraphError {
  return new GraphError(100, {
    message: `Unsupported ${method.toLowerCase()} request. Object with ID '${id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation`,
    subcode: 33,
  });
}
