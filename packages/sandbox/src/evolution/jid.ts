import { digitsOf } from '../whatsapp-web/jids.ts';

/**
 * The address Evolution makes of a number. It rewrites numbers of Brazil, Mexico and Argentina, so
 * an answer may name another address than was asked for.
 */
export function createJid(given: string): string {
  const number = given.replace(/:\d+/, '');
  if (/@(g\.us|s\.whatsapp\.net|lid|broadcast)/.test(number)) return number;
  const bare = number.replace(/[\s+()]/g, '').split('@')[0]!;
  if (bare.includes('-') && bare.length >= 24) return `${bare.replace(/[^\d-]/g, '')}@g.us`;
  const digits = digitsOf(bare);
  if (digits.length >= 18) return `${digits}@g.us`;
  return `${withoutNinthDigit(withoutMobileDigit(digits))}@s.whatsapp.net`;
}

/** Mexico's 1 and Argentina's 9 after the country code. */
function withoutMobileDigit(digits: string): string {
  return /^5[24]\d{11}$/.test(digits) ? digits.slice(0, 2) + digits.slice(3) : digits;
}

function withoutNinthDigit(digits: string): string {
  const [, area, local] = /^55(\d{2})\d(\d{8})$/.exec(digits) ?? [];
  if (area === undefined || local === undefined) return digits;
  return Number(local[0]) < 7 || Number(area) < 31 ? digits : `55${area}${local}`;
}
