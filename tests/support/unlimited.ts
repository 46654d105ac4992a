/**
 * Limits out of the way, so that every request gets as far as it deserves: what they do has tests
 * of its own. Tenants get the plan that knows no limits of users, channels and messages.
 */
export const UNLIMITED: Record<string, string> = {
  RECADO_DEFAULT_PLAN: 'enterprise',
  RECADO_RATE_LIMIT_FACTOR: '100000',
  RECADO_ADDRESS_REQUESTS_PER_MINUTE: '1000000',
  RECADO_LOGIN_TRIES: '1000',
  RECADO_LOGIN_TRIES_PER_IP: '10000',
  // Beside other load a hash that gives way would wait for seconds.
  RECADO_PASSWORD_NICE: '0',
};
