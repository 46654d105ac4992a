import { Agent } from 'undici';
import { expect, test } from 'vitest';
import { createMetaCodes } from './verification.ts';

const { pinOf } = createMetaCodes({ graphUrl: 'http://127.0.0.1:1', dispatcher: new Agent() });

test('a number without a PIN gets one that is kept, and keeps it', () => {
  const first = pinOf({ accessToken: 'EAA' });
  expect(first).toEqual({
    pin: expect.stringMatching(/^\d{6}$/),
    secrets: { accessToken: 'EAA', registrationPin: first.pin },
  });
  expect(pinOf(first.secrets!)).toEqual({ pin: first.pin, secrets: null });
});
