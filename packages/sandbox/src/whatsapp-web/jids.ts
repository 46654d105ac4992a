/** Addresses of WhatsApp Web: `<digits>@<server>`. */
export const digitsOf = (text: string): string => text.replace(/\D/g, '');

export const isGroup = (jid: string): boolean => jid.endsWith('@g.us');

/** The part before the @, without the device (`:12`). */
export const userOf = (jid: string): string => jid.split('@')[0]!.split(':')[0]!;
