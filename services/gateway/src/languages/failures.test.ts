import { PROVIDER_ERROR_CODES } from '@recado/contracts';
import { describe, expect, it } from 'vitest';
import { editions } from '../editions/index.ts';
import { failureOf } from './failures.ts';

const { crm, inbox } = editions;

describe.each([crm, inbox])('a failed message in $name', ({ texts }) => {
  it.each(PROVIDER_ERROR_CODES.filter((code) => code !== 'unknown'))('says why and what to do for %s', (code) => {
    const failure = failureOf(texts, { code, message: 'English (detail)' });
    expect(failure).toMatchObject({
      code,
      message: expect.stringMatching(/\w+ \w+/),
      hint: expect.stringMatching(/\w+ \w+/),
    });
  });
});

describe('a failed message', () => {
  it('has no error when it did not fail', () => {
    expect(failureOf(crm.texts, null)).toBeUndefined();
  });

  it("has the edition's sentence, the hint and what WhatsApp said", () => {
    expect(failureOf(crm.texts, { code: '131047', message: 'Too late (Re-engagement message)' })).toEqual({
      code: '131047',
      message: 'Pasaron más de 24 horas desde el último mensaje del cliente',
      hint: 'Envía una plantilla',
      detail: 'Too late (Re-engagement message)',
    });
  });

  it('without a reason of WhatsApp says so', () => {
    const error = { code: 'unknown', message: 'WhatsApp gave no reason' };
    expect(failureOf(crm.texts, error)).toMatchObject({ message: 'WhatsApp no dio la causa' });
    expect(failureOf(crm.texts, { ...error, message: 'Odd' })).toMatchObject({ message: 'Odd' });
  });

  it("has the meaning of inbox's own table there", () => {
    expect(failureOf(inbox.texts, { code: '131031', message: '' })).toEqual({
      code: '131031',
      message: 'O número não tem WhatsApp',
      hint: 'Verifique o número do cliente',
    });
  });

  it.each([
    ['250', 'A la aplicación le falta un permiso'],
    ['http_403', 'WhatsApp no aceptó la solicitud'],
    ['777777', 'What the provider said'],
    ['constructor', 'What the provider said'],
  ])('with the code %s says %s', (code, message) => {
    expect(failureOf(crm.texts, { code, message: 'What the provider said' })).toMatchObject({
      code,
      message,
      hint: expect.stringMatching(/\w+ \w+/),
    });
  });
});
