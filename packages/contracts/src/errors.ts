import { z } from 'zod';

/** The one table of error codes: what each means in HTTP. Editions translate codes, never invent them. */
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

export const fieldError = z.object({
  field: z.string(),
  message: z.string(),
  code: z.string().optional(),
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
