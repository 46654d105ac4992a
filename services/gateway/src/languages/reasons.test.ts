import { CHANNEL_REASONS, type ChannelReason, channelReason } from '@recado/contracts';
import { describe, expect, it } from 'vitest';
import { spanish } from './es.ts';
import { portuguese } from './pt.ts';
import { reasonOf } from './reasons.ts';

describe.each([spanish, portuguese])('why a number does not work, in $tag', (language) => {
  it.each(Object.keys(CHANNEL_REASONS) as ChannelReason[])(
    'has a sentence of its own for %s, with its values',
    (reason) => {
      const names = [...CHANNEL_REASONS[reason].matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
      const sentence = channelReason(reason, Object.fromEntries(names.map((name) => [name, `<${name}>`])));
      const shown = reasonOf(language, sentence);
      expect(shown).not.toBe(sentence);
      for (const name of names) expect(shown).toContain(`<${name}>`);
      expect(shown).not.toMatch(/[{}]/);
    },
  );

  it('keeps what the provider said, and sentences that are the provider’s alone', () => {
    const said = channelReason('token_expired', {}, 'Cannot parse access token');
    expect(reasonOf(language, said)).toBe(`${language.reasons.token_expired} (Cannot parse access token)`);
    expect(reasonOf(language, 'WhatsApp: RESTRICTED_BIZ')).toBe('WhatsApp: RESTRICTED_BIZ');
    expect(reasonOf(language, null)).toBeNull();
  });
});
