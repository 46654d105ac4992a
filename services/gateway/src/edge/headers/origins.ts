/**
 * Whether a page may call or connect. Browsers name their page; programs don't, and are no page's.
 * CORS alone would not stop a foreign page's WebSocket. `*` stands for any.
 */
export const originAllowed = (origin: string | undefined, origins: readonly (string | RegExp)[]): boolean =>
  origin === undefined ||
  origins.some((known) => (typeof known === 'string' ? known === origin || known === '*' : known.test(origin)));
