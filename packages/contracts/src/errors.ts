import { z } from 'zod';

/**
 * The one table of error codes: what each means in HTTP. Editions translate codes, never invent
 * them.
 */
export const ERROR_STATUS = {
  malformed_json: 400,
  bad_request: 400,
  validation_failed: 422,
  unauthorized: 401,
  invalid_credentials: 401,
  invalid_signature: 401,
  token_expired: 401,
  refresh_reused: 401,
  two_factor_required: 401,
  forbidden: 403,
  tenant_suspended: 403,
  registration_closed: 403,
  email_unproved: 403,
  plan_limit: 403,
  not_found: 404,
  route_not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  idempotency_in_flight: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  unprocessable: 422,
  idempotency_mismatch: 422,
  outside_window: 422,
  channel_not_connected: 422,
  too_many_requests: 429,
  internal: 500,
  bad_gateway: 502,
  unavailable: 503,
} as const;
export type ErrorCode = keyof typeof ERROR_STATUS;

/** What a 404 may name. Each language has a sentence for each. */
export type MissingThing =
  | 'api_key'
  | 'board'
  | 'board_stage'
  | 'campaign'
  | 'canned_answer'
  | 'channel'
  | 'contact'
  | 'conversation'
  | 'custom_field'
  | 'event'
  | 'file'
  | 'group'
  | 'import'
  | 'instance'
  | 'macro'
  | 'message'
  | 'notification'
  | 'provider'
  | 'resource'
  | 'role'
  | 'scheduled_message'
  | 'rule'
  | 'tag'
  | 'task'
  | 'template'
  | 'tenant'
  | 'user'
  | 'webhook_delivery'
  | 'webhook_endpoint'
  | 'webhook_replay';

/** What a 409 may name. */
export type ConflictCause =
  | 'api_key'
  | 'board_stage'
  | 'built_in_role'
  | 'campaign'
  | 'canned_answer'
  | 'channel'
  | 'contact'
  | 'conversation'
  | 'conversation_open'
  | 'conversation_still_open'
  | 'conversation_waits'
  | 'custom_field'
  | 'draft'
  | 'last_admin'
  | 'macro'
  | 'message'
  | 'number_verified'
  | 'role'
  | 'scheduled_message'
  | 'rule'
  | 'template'
  | 'tenant'
  | 'two_factor'
  | 'user'
  | 'webhook_disabled'
  | 'webhook_endpoint';

/**
 * The field codes that are not zod's, and zod's string formats, each with its English sentence.
 * The gateway's languages have a sentence for each code.
 */
export const FIELD_CODES = {
  channel_kind: 'This number cannot send messages of this kind',
  future: 'Must be in the future, at most a year',
  group_kind: 'A group does not take messages of this kind',
  group_template: 'A group does not take authentication templates',
  canned_caption: 'A file of this kind has no words beside it',
  canned_values: 'At most 30 variables',
  canned_variable: 'No such variable',
  clock: 'Expected HH:MM',
  common_password: 'This password is among the most used ones; choose another',
  credentials: 'The provider did not accept these credentials',
  country: 'Not a country code of ISO 3166',
  cursor: 'Not a cursor of this list',
  date: 'Not a day of the calendar',
  datetime: 'Expected an ISO 8601 time in UTC',
  depth: 'Too far back for pages: use the cursor',
  duplicate: 'Must not occur twice',
  email: 'Invalid e-mail',
  email_proof: 'Wrong or expired',
  emoji: 'Expected one emoji',
  factor_code: 'Expected six digits, or a backup code',
  field_key: 'No field can have this key',
  tag_name: 'No tag can have this name',
  file: 'Expected one file',
  file_size: 'The file is larger than this channel takes',
  file_type: 'This channel does not take a file of this type here',
  header: 'Expected visible ASCII characters',
  hours: 'Must be after the start',
  ill_formed: 'Must be well-formed Unicode',
  import_column: 'The file has no such column',
  import_columns: 'More columns than an import takes',
  import_damaged: 'The file is damaged',
  import_empty: 'The file has no rows below its headers',
  import_field: 'Not a field that a column can fill',
  import_number: 'Not a number',
  import_phone: 'No column holds phones: name it in the mapping',
  import_row_size: 'A row is too large',
  import_rows: 'More rows than an import takes',
  import_type: 'Expected a CSV or XLSX file',
  import_unpacked: 'The file is too large when it is unpacked',
  invitation: 'Not a valid invitation for this e-mail',
  marketing_stopped: 'The customer opted out of marketing messages',
  merge_chats: 'These contacts have too many chats to be merged at once',
  model: 'This model is not offered here',
  no_codes: 'The provider of this number sends no codes',
  no_fields: 'Give at least one field',
  number_taken: 'The number belongs to another campaign',
  nul: 'Must not contain NUL',
  due_needed: 'A recurring task needs a due time',
  one_of: 'Give exactly one of the alternatives',
  one_of_fields: 'Give exactly one of these fields',
  other_contact: 'This conversation is with another contact',
  overtaken: 'There is another version',
  only_waiting: 'Only a rule of customer.waiting has a time',
  pattern: 'Not a pattern of RE2',
  pattern_size: 'The patterns of a rule are too large',
  phone: 'Not a phone number with + and its country code',
  phone_country: 'Not a phone number of the country',
  phone_taken: 'A contact has this phone already',
  contact_erased: 'The contact was erased after the file was uploaded',
  proof_code: 'Expected eight digits',
  provider_refused: 'The provider refused this',
  range: 'Not a valid range of days',
  regex: 'Invalid format',
  required: 'Required',
  search_words: 'Give a word, and 12 at most',
  shortcut: 'Expected letters, digits, dashes or underscores, without spaces',
  stage_full: 'The stage holds as many cards as it may',
  slug: 'Expected lower-case letters, digits and dashes',
  template_body: 'A template needs one body',
  template_buttons: 'This number or order of buttons is not allowed',
  template_cards: 'Two to ten cards of the same shape',
  template_edge: 'A variable may not stand at the start or the end',
  template_example: 'Give an example of each variable or file',
  template_extra: 'The template has no place for this',
  template_kind: 'Another kind of value is expected here',
  template_language: 'Expected a language code such as es or pt_BR',
  template_missing: 'The template needs a value here',
  template_name: 'Expected lower-case letters, digits and underscores',
  template_no_variables: 'Variables are not allowed here',
  template_none: 'No template can be sent on this channel',
  template_not_approved: 'The template is not approved',
  template_one_variable: 'One variable at most',
  template_order: 'Variables must be {{1}}, {{2}} … without a gap',
  template_param_name: 'Not the name of a variable of the template',
  template_paused: 'The provider paused or disabled the template',
  template_plain: 'No line breaks, emojis or formatting here',
  template_ratio: 'Too many variables for so short a text',
  template_refused: 'The provider refused the template',
  template_repeated: 'The same text twice',
  template_spaces: 'No line breaks, tabs or more than four spaces in a row',
  template_unknown: 'No such template in this language on this channel',
  template_unsupported: 'The provider of this channel has no templates',
  template_url_end: 'One variable at most, at the end of the address',
  template_usable: 'Templates that can be sent',
  timezone: 'Not a time zone of the IANA database',
  too_deep: 'Too many levels',
  unknown: 'Unknown field',
  unknown_campaign: 'No such campaign',
  unknown_card: 'No such card in this stage',
  unknown_channel: 'No such channel',
  unknown_contact: 'No such contact',
  unknown_conversation: 'No such conversation',
  unknown_file: 'No such file',
  unknown_flow: 'No such bot flow',
  unknown_group: 'No such group',
  unknown_message: 'No such message that WhatsApp knows',
  unknown_rule: 'No such rule',
  unknown_stage: 'No such stage on this board',
  unknown_tag: 'No such tag',
  unknown_user: 'No such user',
  url: 'Must be an http or https URL',
  uuid: 'Invalid UUID',
  wrong_code: 'Wrong code',
  wrong_password: 'Wrong password',
  wrong_pin: 'Not the PIN of this number',
} as const;
export type FieldCode = keyof typeof FIELD_CODES;

/**
 * For `refine` and formats: the issue has a code of ours. A missing value, or one of another type,
 * keeps the sentence of its own kind.
 */
export const withCode = (code: FieldCode, params: Readonly<Record<string, string>> = {}) => ({
  error: (issue: z.core.$ZodRawIssue) => (issue.code === 'invalid_type' ? undefined : FIELD_CODES[code]),
  params: { ...params, code },
});

/** On the wire any text: a service of another version may know more codes. */
const fieldCode = z.string() as unknown as z.ZodType<FieldCode | z.core.$ZodIssue['code']>;

export const fieldError = z.object({
  field: z.string(),
  message: z.string(),
  code: fieldCode.optional(),
  params: z.record(z.string(), z.unknown()).optional(),
});
export type FieldError = z.infer<typeof fieldError>;

/** The error body of every internal API. `entity` names what was not found or conflicts. */
export const errorBody = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string(),
      entity: z.string().optional(),
      details: z.array(fieldError).optional(),
      retryAfter: z.number().optional().describe('Seconds until another try makes sense'),
      challengeToken: z
        .string()
        .optional()
        .describe('With two_factor_required: what the second step of the log-in shows, with its code'),
    }),
  })
  .meta({ id: 'Error' });
export type ErrorBody = z.infer<typeof errorBody>;
