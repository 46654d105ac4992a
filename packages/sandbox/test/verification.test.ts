import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../src/index.ts';
import { demoNumber, graph, sendText } from './harness.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: 'verification-tests' });
});
afterAll(() => sandbox.stop());

describe('a number that a code must verify', () => {
  const id = demoNumber.phoneNumberId;
  const ask = (more: object = {}) =>
    graph(sandbox, 'POST', `/${id}/request_code`, { code_method: 'SMS', language: 'es', ...more });
  const verify = (code: string) => graph(sandbox, 'POST', `/${id}/verify_code`, { code });
  const register = () => graph(sandbox, 'POST', `/${id}/register`, { messaging_product: 'whatsapp', pin: '123456' });
  const state = async () =>
    (await graph(sandbox, 'GET', `/${id}?fields=status,platform_type,code_verification_status`)).body;
  const wrongCode = async () => ((await sandbox.control.sentCode(id)).code === '000000' ? '111111' : '000000');
  beforeEach(() => sandbox.control.addNumber({ ...demoNumber, codeVerificationStatus: 'NOT_VERIFIED' }));

  test('is verified by the code, registered with a PIN, and sends only then', async () => {
    expect(await state()).toMatchObject({ status: 'UNVERIFIED', platform_type: 'NOT_APPLICABLE' });
    expect((await register()).body.error.code).toBe(133006);
    expect((await sendText(sandbox, '5511977770001', 'Oi')).body.error.code).toBe(133010);
    expect((await ask({ code_method: 'VOICE' })).body).toEqual({ success: true });
    const { code, method, language } = await sandbox.control.sentCode(id);
    expect([method, language, code]).toEqual(['VOICE', 'es', expect.stringMatching(/^\d{6}$/)]);
    expect((await verify(await wrongCode())).body.error).toMatchObject({ code: 136025 });
    expect((await verify(code)).body).toEqual({ success: true });
    expect(await state()).toMatchObject({ status: 'PENDING', code_verification_status: 'VERIFIED' });
    expect((await register()).body).toEqual({ success: true });
    expect(await state()).toMatchObject({ status: 'CONNECTED', platform_type: 'CLOUD_API' });
    expect((await sendText(sandbox, '5511977770001', 'Oi')).status).toBe(200);
    expect((await ask()).body.error).toMatchObject({ code: 136024, message: '(#136024) Request code error' });
  });

  test('gets five codes an hour, each good for five tries, and none for a bad request', async () => {
    for (const bad of [{ code_method: 'FAX' }, { language: 'Spanish' }]) {
      expect((await ask(bad)).body.error.code).toBe(100);
    }
    await expect(sandbox.control.sentCode(id)).rejects.toThrow('404');
    for (let n = 0; n < 5; n++) expect((await ask()).status).toBe(200);
    expect((await ask()).body.error).toMatchObject({ code: 136024, error_subcode: 2388091 });
    const wrong = await wrongCode();
    for (let n = 0; n < 5; n++) expect((await verify(wrong)).status).toBe(400);
    expect((await verify((await sandbox.control.sentCode(id)).code)).body.error.code).toBe(136025);
  });
});
