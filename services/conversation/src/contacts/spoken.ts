export type Spoken = 'es' | 'pt' | 'en';

/** Brazil, Portugal, Angola, Mozambique; North America, the United Kingdom, Ireland, Australia. */
const BY_PREFIX: [RegExp, Spoken][] = [
  [/^\+(?:55|351|244|258)/, 'pt'],
  // The Dominican Republic and Puerto Rico share +1.
  [/^\+1(?:809|829|849|787|939)/, 'es'],
  [/^\+(?:1|44|353|61)/, 'en'],
];

/** The language in which a customer is written to on our own account: of the phone's country. */
export const spokenAt = (phone: string | null): Spoken =>
  BY_PREFIX.find(([prefix]) => prefix.test(phone ?? ''))?.[1] ?? 'es';
