import { type CountryCode, getCountries, isSupportedCountry } from 'libphonenumber-js/max';

/** ISO 3166 alpha-2, of a country with a numbering plan. */
export type Country = CountryCode;

export const isCountry = (code: string): code is Country => isSupportedCountry(code);

let countryByZone: Map<string, Country> | undefined;

/**
 * The country whose clocks a time zone shows, from the time zone database within Node; null for
 * zones of no country (UTC).
 */
export function countryOfTimeZone(timezone: string): Country | null {
  countryByZone ??= listZones();
  return countryByZone.get(timezone) ?? countryByZone.get(canonicalZone(timezone)) ?? null;
}

function listZones(): Map<string, Country> {
  const zones = new Map<string, Country>();
  for (const country of getCountries()) {
    for (const zone of timeZonesOf(country)) zones.set(zone, country);
  }
  return zones;
}

// Node has it; TypeScript's library does not know it yet.
const timeZonesOf = (region: Country): string[] =>
  (new Intl.Locale('und', { region }) as Intl.Locale & { getTimeZones(): string[] | undefined }).getTimeZones() ?? [];

function canonicalZone(timezone: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: timezone }).resolvedOptions().timeZone;
  } catch {
    return timezone;
  }
}

/** The country in which a tenant's phones are read: the one it set, else that of its time zone. */
export function countryOf({ country, timezone }: { country: string | null; timezone: string }): Country | null {
  return country !== null && isCountry(country) ? country : countryOfTimeZone(timezone);
}
